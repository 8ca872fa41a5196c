import { usePriceLog } from './price-log.ts'

/** What the page has cost so far, and what each of its operations did. */
export function PriceBar() {
  const prices = usePriceLog()
  const made = prices.reduce((sum, price) => sum + price.made, 0)
  const last = prices.at(-1)
  return (
    <footer className="price-bar">
      <details>
        <summary>
          <strong>{count(made, 'REST call')}</strong>
          <span className="faint">
            in {count(prices.length, 'operation')}
            {last && `, ${last.made} for ${last.operation}`}
          </span>
        </summary>
        <div className="price-table">
          <table>
            <caption className="faint">
              The price of every operation is known before its first call, and may be {last?.limit ?? 'some'}{' '}
              calls at most.
            </caption>
            <thead>
              <tr>
                <th scope="col">Operation</th>
                <th scope="col">Estimated</th>
                <th scope="col">Made</th>
              </tr>
            </thead>
            <tbody>
              {prices.toReversed().map(({ number, operation, estimated, made }) => (
                <tr key={number}>
                  <th scope="row">{operation}</th>
                  <td>{estimated}</td>
                  <td>{made}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </footer>
  )
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

import { type ReactNode, useEffect, useRef } from 'react'

type ColumnsProps = {
  readonly list: ReactNode
  /** The object that is open; a narrow window shows the list without one, and the object alone with one. */
  readonly open: string | undefined
  readonly children: ReactNode
  /** What the list holds, in words, and where it is. */
  readonly listName: string
  readonly listHref: string
}

/** A list, and beside it what was chosen from it. */
export function Columns({ list, open, children, listName, listHref }: ColumnsProps) {
  const detail = useRef<HTMLElement>(null)
  useEffect(() => {
    // Who followed a link goes on reading in what it opened; who opened the page begins at its top.
    if (open !== undefined && document.activeElement !== document.body) detail.current?.focus()
  }, [open])
  return (
    <div className={open === undefined ? 'columns' : 'columns with-open'}>
      <section className="list" aria-label={listName}>
        {list}
      </section>
      <section className="detail" aria-label="Details" tabIndex={-1} ref={detail}>
        {open === undefined ? (
          <p className="empty">Choose one of the {listName.toLowerCase()}.</p>
        ) : (
          <>
            <a className="back" href={listHref}>
              ← {listName}
            </a>
            {children}
          </>
        )}
      </section>
    </div>
  )
}

/**
 * Rows that a page of a list really holds where that is fewer than asked, by list, as learnt from one credential's answers. Most
 * credentials never meet one, and there are thousands of them: a map is made for the first.
 */
export class PageCaps {
  private caps: Map<string, number> | undefined

  get size(): number {
    return this.caps?.size ?? 0
  }

  get(list: string): number | undefined {
    return this.caps?.get(list)
  }

  set(list: string, rows: number): void {
    this.caps ??= new Map()
    this.caps.set(list, rows)
  }
}

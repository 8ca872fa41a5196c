import type { Page } from 'playwright-core'

/** Texts of a page whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3), with the contrast; disabled controls need none. */
export function lowContrastTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const channelsOf = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number)
    const luminanceOf = (color: string) => {
      const [red = 0, green = 0, blue = 0] = channelsOf(color).map((channel) => {
        const share = channel / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const groundOf = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)'
      const { backgroundColor } = getComputedStyle(element)
      return channelsOf(backgroundColor)[3] === 0 ? groundOf(element.parentElement) : backgroundColor
    }
    const hasText = (element: Element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
    return [...document.querySelectorAll('body *')]
      .filter((element) => hasText(element) && element.checkVisibility() && !element.matches(':disabled'))
      .flatMap((element) => {
        const lights = [luminanceOf(getComputedStyle(element).color), luminanceOf(groundOf(element))]
        const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05)
        return contrast < 4.5 ? [`${element.textContent}: ${contrast.toFixed(2)}`] : []
      })
  })
}

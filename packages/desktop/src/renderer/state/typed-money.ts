import { type Money, parseMoney } from '@dchat/sdk'

/** An amount as somebody types it, with a point or a comma; undefined for what is none, or below zero. */
export const typedMoney = (text: string, currency: string): Money | undefined => {
  try {
    const money = parseMoney(text.replace(',', '.'), currency)
    return money.minor.startsWith('-') || money.currency !== currency ? undefined : money
  } catch {
    return undefined
  }
}

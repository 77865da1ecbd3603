import { manualPayments } from '../../src/index.ts'
import { paymentConformance } from '../../src/testing/payment-conformance.ts'
import { InstantBank } from './instant-rail.ts'

const nothing = async () => undefined

paymentConformance('manual', async () => ({
  rail: manualPayments({ details: 'cash at the door' }),
  again: async () => manualPayments({ details: 'cash at the door' }),
  close: nothing,
}))

paymentConformance('instant', async () => {
  const bank = new InstantBank()
  return {
    rail: bank.rail(),
    pay: async (request) => bank.pay(request),
    expire: async (request) => bank.expire(request),
    again: async () => bank.rail(),
    close: nothing,
  }
})

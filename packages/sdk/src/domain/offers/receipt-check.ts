import { verifyWith } from '../../protocol/identity/signing.ts'
import { receiptHtml } from './receipt-page.ts'
import { type VerifiedReceipt, verifyOfferReceipt } from './verify-receipt.ts'

/** Verifies a receipt with nothing but this code: the same in Node and in browsers, wherever WebCrypto is missing too. */
export const checkReceipt = (file: Uint8Array, beside?: readonly Uint8Array[]): Promise<VerifiedReceipt> =>
  verifyOfferReceipt(
    { ed25519: { verify: async (key, message, signature) => verifyWith(key, message, signature) } },
    file,
    beside,
  )

/** The receipt as a page to read and print; it is verified first. */
export const readReceiptPage = async (file: Uint8Array): Promise<string> => receiptHtml(await checkReceipt(file))

/** Who may begin something here. With `invitation`: listed addresses, and whoever shows an invitation. */
export type AdmissionPolicy = 'open' | 'invitation'

/** May an identity that is not held yet be stored without an invitation? */
export const admitsIdentity = (policy: AdmissionPolicy, invited: ReadonlySet<string>, address: string): boolean =>
  policy === 'open' || invited.has(address)

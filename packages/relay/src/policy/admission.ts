/** Who may begin something here. With `invitation`, only listed addresses and the devices of their identities. */
export type AdmissionPolicy = 'open' | 'invitation'

/** May an identity that is not held yet be stored? */
export const admitsIdentity = (policy: AdmissionPolicy, invited: ReadonlySet<string>, address: string): boolean =>
  policy === 'open' || invited.has(address)

/** May a connection open a topic? `certified`: it has proven a device that an identity held here certifies. */
export const admitsTopic = (policy: AdmissionPolicy, certified: boolean): boolean => policy === 'open' || certified

/** A small picture as an address for an image. Nothing has to be released. */
export const pictureUrl = (
  picture: { readonly mediaType: string; readonly bytes: Uint8Array } | undefined,
): string | undefined => {
  if (picture === undefined) return undefined
  const text = Array.from(picture.bytes, (byte) => String.fromCharCode(byte)).join('')
  return `data:${picture.mediaType};base64,${btoa(text)}`
}

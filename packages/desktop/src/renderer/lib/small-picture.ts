/** The largest side that is tried first, px. */
const LARGEST = 256

export interface SmallPicture {
  readonly mediaType: 'image/webp' | 'image/jpeg'
  readonly bytes: Uint8Array
}

/** The middle square of an image, as large as fits into `limit` bytes. Rejects if it is no image. */
export const smallPicture = async (
  file: { chunks(): AsyncIterable<Uint8Array> },
  limit: number,
): Promise<SmallPicture> => {
  const parts: BlobPart[] = []
  for await (const part of file.chunks()) parts.push(new Uint8Array(part))
  const image = await createImageBitmap(new Blob(parts))
  const cut = Math.min(image.width, image.height)
  try {
    for (let side = Math.min(LARGEST, cut); side >= 16; side = Math.floor(side * 0.75)) {
      const canvas = new OffscreenCanvas(side, side)
      const context = canvas.getContext('2d')
      if (context === null) break
      context.drawImage(image, (image.width - cut) / 2, (image.height - cut) / 2, cut, cut, 0, 0, side, side)
      const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 })
      // A browser that cannot write WebP writes PNG instead.
      const small = blob.type === 'image/webp' ? blob : await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 })
      if (small.size <= limit)
        return {
          mediaType: small.type === 'image/webp' ? 'image/webp' : 'image/jpeg',
          bytes: new Uint8Array(await small.arrayBuffer()),
        }
    }
    throw new Error('the image cannot be made small enough')
  } finally {
    image.close()
  }
}

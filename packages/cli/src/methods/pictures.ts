import type { Picture } from '@dchat/sdk'
import type { PictureView } from './group-types.ts'

export const pictureView = ({ mediaType, bytes }: Picture): PictureView => ({
  mediaType,
  data: Buffer.from(bytes).toString('base64'),
})

export const pictureOf = ({ mediaType, data }: PictureView): Picture => ({
  // The SDK refuses other types.
  mediaType: mediaType as Picture['mediaType'],
  bytes: new Uint8Array(Buffer.from(data, 'base64')),
})

/** `node search.mjs <hex,hex…> <files…>` prints a JSON array: for each byte string, whether one of the files holds it. */
import { readFileSync } from 'node:fs'

const [needles, ...files] = process.argv.slice(2)
const contents = files.map((file) => readFileSync(file))
const found = needles.split(',').map((hex) => contents.some((content) => content.includes(hex, 0, 'hex')))
process.stdout.write(JSON.stringify(found))

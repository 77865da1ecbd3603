/**
 * Loaded into a process with `--expose-gc --import`: at SIGUSR2 it collects its garbage and says on its standard error how
 * many bytes are left, on its heap and beside it.
 */
let count = 0

process.on('SIGUSR2', () => {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  count += 1
  process.stderr.write(`collection ${count}: ${heapUsed + external} bytes\n`)
})

import fc from 'fast-check'

/**
 * Properties run from one seed, so that a change is judged by what it changes and not by luck.
 * `PROPERTY_SEED=…` explores others; a failure prints the seed that replays it.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_121) })

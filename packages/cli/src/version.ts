/** Of the package; a test holds it against package.json, so that nothing is read from disk to print it. */
export const VERSION = '0.1.0'

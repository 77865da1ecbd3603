import { test } from 'vitest'
import { NO_CHROMIUM } from '../../../../scripts/lib/chromium.mjs'

test.skip(`the tests in the browser: ${NO_CHROMIUM}`, () => undefined)

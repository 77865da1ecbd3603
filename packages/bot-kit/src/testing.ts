/** Tests of bots, without a network and without keys on disk. */

export { type SignedRequestOptions, signedRequest } from './testing/signed-request.ts'
export { type BotUnderTest, type TestBot, type TestBotOptions, testBot } from './testing/test-bot.ts'
export type { Reply, TestGroup, TestUser } from './testing/user.ts'

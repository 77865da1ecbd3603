/** What the benchmark of the search needs of the inside. It is built beside the public entries and shares their chunks. */
export { putConversation } from '../../src/client/conversation-store.ts'
export { putMessage } from '../../src/client/message-life/rows.ts'
export { tellingForgotten } from '../../src/client/search/forgotten.ts'
export { openSearch } from '../../src/client/search/open-search.ts'

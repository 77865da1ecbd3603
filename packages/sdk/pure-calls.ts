import { readFileSync } from 'node:fs'
import type { Options } from 'tsup'
import ts from 'typescript'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * ts-mls composes its codecs by calls at the top of its modules, which a bundler cannot leave out because it cannot know
 * that they do nothing else. Here they are marked, so that unused codecs stay out of pages.
 */
export const pureCalls: Plugin = {
  name: 'pure-calls',
  setup: (build) => {
    build.onLoad({ filter: /node_modules[\\/]ts-mls[\\/]dist[\\/]src[\\/].*\.js$/ }, ({ path }) => ({
      contents: marked(path, readFileSync(path, 'utf8')),
      loader: 'js',
    }))
  },
}

/** Only what runs while the module loads: nothing inside a function is touched. */
const marked = (path: string, text: string): string => {
  const calls: number[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
    if (ts.isCallExpression(node)) calls.push(node.getStart())
    ts.forEachChild(node, visit)
  }
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
  for (const statement of source.statements) if (ts.isVariableStatement(statement)) visit(statement)
  return calls.reduceRight((out, at) => `${out.slice(0, at)}/* @__PURE__ */ ${out.slice(at)}`, text)
}

import { formatMoney } from '../../protocol/offers/money.ts'
import type { OfferEvent, Terms } from '../../records/offer.ts'
import { shortId } from './summary.ts'
import type { VerifiedReceipt } from './verify-receipt.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text from others: nothing in it becomes markup, and nothing turns the line around. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

const STYLE =
  'body{font:11pt/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}' +
  'h1{font-size:1.4rem}h2{font-size:1.05rem;margin-top:1.6rem}table{border-collapse:collapse;width:100%}' +
  'th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #ddd}' +
  'td.sum,th.sum{text-align:right;padding-right:0}code{font-size:.85em;overflow-wrap:anywhere}' +
  'p.text{white-space:pre-wrap}@media print{body{margin:0}tr{break-inside:avoid}}'

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`

const row = (...cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`

const itemRows = ({ items }: Terms): string =>
  items
    .map(({ title, quantity, unitPrice }) =>
      row(`${quantity} × ${escaped(title)}`, unitPrice === undefined ? '' : escaped(formatMoney(unitPrice))),
    )
    .join('\n')

const lineRows = ({ price }: Terms): string =>
  [
    ...price.lines.map(({ kind, label, amount }) =>
      row(`${kind}${label === undefined ? '' : `: ${escaped(label)}`}`, escaped(formatMoney(amount))),
    ),
    row('<strong>Total</strong>', `<strong>${escaped(formatMoney(price.total))}</strong>`),
  ].join('\n')

const stepText = ({ type, terms, reason, data }: OfferEvent): string =>
  [
    escaped(String(type).replaceAll('_', ' ')),
    ...(terms === undefined ? [] : [escaped(formatMoney(terms.price.total))]),
    ...(reason === undefined ? [] : [escaped(reason.replaceAll('_', ' '))]),
    ...[data?.reference, data?.note, data?.outcome].flatMap((text) => (text === undefined ? [] : [escaped(text)])),
  ].join('<br>')

/**
 * A verified receipt as a page to read and to print: no script, nothing loaded from anywhere, every text escaped. The page
 * proves nothing by itself, and says so; the file does.
 */
export const receiptHtml = ({ deal, terms, parties, steps, thread }: VerifiedReceipt): string => {
  const relays = [...new Set(steps.map(({ relay }) => relay))]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Receipt #${shortId(deal.id)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Receipt #${shortId(deal.id)}</h1>
<p>Agreed ${iso(deal.agreedAt ?? deal.at)}. The deal is ${deal.state}; payment: ${deal.payment}.</p>
<h2>Between</h2>
<ul>
${parties.map((party) => `<li><code>${escaped(party)}</code></li>`).join('\n')}
</ul>
<h2>What was agreed</h2>
<table>
${itemRows(terms)}
${lineRows(terms)}
</table>
${terms.text === undefined ? '' : `<p class="text">${escaped(terms.text)}</p>\n`}<h2>How it came about</h2>
<table>
<tr><th>Accepted</th><th>Step</th><th>By</th></tr>
${steps
  .map(({ event, acceptedAt, revoked }) =>
    row(
      iso(acceptedAt),
      `#${shortId(event.id)} ${stepText(event)}`,
      `<code>${escaped(event.author)}</code>${revoked ? '<br>by a device that was revoked' : ''}`,
    ),
  )
  .join('\n')}
</table>
<h2>Whose word this is</h2>
<p>Each step is signed by a device of its author. The times are the word of the relay with the key:</p>
<ul>
${relays.map((key) => `<li><code>${key}</code></li>`).join('\n')}
</ul>
<p>This page is for reading. What proves the deal is the receipt file: <code>dchat offer verify</code> checks it offline.
Offer <code>${escaped(thread.id)}</code>, deal <code>${escaped(deal.id)}</code>.</p>
</body>
</html>
`
}

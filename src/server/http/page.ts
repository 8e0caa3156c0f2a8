/** The few pages that people see before there is a console: plain HTML, no script, one style, nothing from elsewhere. */

export const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
label{display:block;margin:1rem 0 .25rem;font-weight:600}input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #767676;border-radius:.25rem}
small{color:#555}button{font:inherit;margin:1.5rem .75rem 0 0;padding:.6rem 1.2rem;border:1px solid #1f4fd8;border-radius:.25rem;background:#1f4fd8;color:#fff}
button[value=deny]{background:none;color:inherit;border-color:#767676}
button:focus-visible,input:focus-visible{outline:3px solid #1f4fd8;outline-offset:2px}
pre{background:#f3f3f3;padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:.25rem}[role=alert]{color:#b00020}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:1.5rem 0}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
.code{font:700 2rem/1.2 ui-monospace,monospace;letter-spacing:.1em;margin:1.5rem 0}
@media (max-width:30rem){dl{display:block}dd{margin:0 0 .75rem}}
@media (prefers-color-scheme:dark){body{color:#eee;background:#16181d}small,dt{color:#bbb}a{color:#8ab4ff}pre{background:#24272e}input{background:#24272e;color:#eee;border-color:#888}[role=alert]{color:#ff8a80}}`

/** `main` is HTML; the style stands beside the page. */
export const page = (title: string, main: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="stylesheet" href="style.css"></head>
<body><main><h1>${escaped(title)}</h1>${main}</main></body></html>
`

export const escaped = (value: string) => value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

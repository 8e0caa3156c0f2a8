/** The path of PUBLIC_URL, without a slash at its end: all addresses of the service begin with it. */
export const base = document.querySelector('meta[name="countersign-base"]')?.getAttribute('content') ?? ''

/** As jobs and terminals are told. */
export const serviceUrl = `${window.location.origin}${base}`

/** PUBLIC_URL, as jobs and terminals are told it, whatever name this browser has reached the service by. */
export const serviceUrl =
  document.querySelector('meta[name="countersign-url"]')?.getAttribute('content') || window.location.origin

/** Its path, without a slash at its end: all addresses of the service begin with it. */
export const base = new URL(serviceUrl).pathname.replace(/\/$/, '')

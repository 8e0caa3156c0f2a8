// Made by `npm run bundle:action` from deploy/ci/github/src and src/client.

// deploy/ci/github/src/begin.ts
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// src/client/federation-error.ts
var FederationError = class extends Error {
  name = "FederationError";
  category;
  code;
  retryable;
  hint;
  /** A page of the documentation, below docs/. */
  docs;
  requestId;
  constructor(category, message, { code: code2, hint, docs, requestId, cause }) {
    super(message, { cause });
    this.category = category;
    this.code = code2;
    this.retryable = category === "unavailable";
    this.hint = hint;
    this.docs = docs;
    this.requestId = requestId;
  }
};
var ConfigError = class extends FederationError {
  name = "ConfigError";
  constructor(message, { code: code2 = "config", ...more } = {}) {
    super("usage", message, { code: code2, ...more });
  }
};
var NoAmbientCredentialError = class extends FederationError {
  name = "NoAmbientCredentialError";
  tried;
  constructor(message, { tried, ...more }) {
    super("credential", message, { code: "no_ambient_credential", ...more });
    this.tried = tried;
  }
};
var SubjectTokenError = class extends FederationError {
  name = "SubjectTokenError";
  source;
  /** `isUnavailable`: the platform could not be reached or was busy; asking again may help. */
  constructor(source4, message, { code: code2 = "subject_token", isUnavailable = false, ...more } = {}) {
    super(isUnavailable ? "unavailable" : "credential", `${source4}: ${message}`, { code: code2, ...more });
    this.source = source4;
  }
};
var ExchangeDeniedError = class extends FederationError {
  name = "ExchangeDeniedError";
  status;
  reason;
  constructor(message, { status, reason, ...more }) {
    super("denied", message, { code: reason ?? "exchange_denied", ...more });
    this.status = status;
    this.reason = reason;
  }
};
var RateLimitedError = class extends FederationError {
  name = "RateLimitedError";
  retryAfter;
  constructor(message, { retryAfter: retryAfter2, ...more } = {}) {
    super("unavailable", message, { code: "rate_limited", ...more });
    this.retryAfter = retryAfter2;
  }
};
var ServerUnavailableError = class extends FederationError {
  name = "ServerUnavailableError";
  retryAfter;
  constructor(message, { retryAfter: retryAfter2, ...more } = {}) {
    super("unavailable", message, { code: "unavailable", ...more });
    this.retryAfter = retryAfter2;
  }
};

// src/client/sources/call-platform.ts
var longest = 1048576;
var patience = 1e4;
var metadataTimeout = 1e3;
var local = /^(localhost|127(\.\d{1,3}){3}|169\.254(\.\d{1,3}){2}|\[::1\]|\[fd00:ec2::(254|23)\]|metadata\.google\.internal\.?)$/;
async function callPlatform(source4, { fetch }, { url, method = "GET", headers: headers2 = {}, body, signal, timeout = patience, what: what4, whenSilent: whenSilent2 }) {
  const { protocol, host, hostname } = url;
  if (protocol !== "https:" && !(protocol === "http:" && local.test(hostname)))
    throw new SubjectTokenError(source4, `${host} is not asked over ${protocol.slice(0, -1)}: it takes https`, {
      code: "platform_not_safe"
    });
  if (url.username || url.password || Object.values(headers2).some((value) => !/^[\x20-\x7e]*$/.test(value)))
    throw new SubjectTokenError(source4, `what ${host} would be shown has characters that no header has`, {
      code: "platform_not_safe"
    });
  try {
    const answer = await fetch(url, {
      method,
      headers: headers2,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      ...body !== void 0 && { body }
    });
    return { status: answer.status, text: await read(answer), headers: answer.headers };
  } catch (error) {
    signal.throwIfAborted();
    throw new SubjectTokenError(source4, `${what4 ? `${what4} (${host})` : host} gave no answer`, {
      code: "platform_unavailable",
      isUnavailable: true,
      hint: whenSilent2,
      cause: error
    });
  }
}
var isPassing = (status) => status === 408 || status === 429 || status >= 500;
function membersOf(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
function platformUrl(source4, variable2, text) {
  if (URL.canParse(text)) return new URL(text);
  throw new SubjectTokenError(source4, `${variable2} is not a URL`, { code: "platform_not_safe" });
}
async function read({ body }) {
  if (!body) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let length = 0;
  let text = "";
  for (; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > longest) {
      await reader.cancel();
      throw new Error(`the answer is longer than ${longest} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

// src/client/sources/ask-platform.ts
async function askPlatform(source4, here, { whenRefused, ...request }) {
  const { status, text } = await callPlatform(source4, here, request);
  if (status >= 200 && status < 300) return text;
  const isUnavailable = isPassing(status);
  throw new SubjectTokenError(source4, `${request.url.host} answered with ${status || "a redirect"}`, {
    isUnavailable,
    hint: isUnavailable ? void 0 : whenRefused
  });
}
function memberOf(source4, text, name16) {
  const value = membersOf(text)[name16];
  if (typeof value === "string") return value;
  throw new SubjectTokenError(source4, `the platform's answer is no JSON with a "${name16}"`);
}

// src/client/sources/audience-needed.ts
function audienceNeeded(source4, { audience }) {
  if (audience) return audience;
  throw new ConfigError(`${source4} has to be told whom its token is for`, {
    code: "audience_unknown",
    hint: "give the organization's URL (COUNTERSIGN_URL=https://HOST/orgs/NAME), or set COUNTERSIGN_AUDIENCE"
  });
}

// src/client/sources/github-actions.ts
var name = "github-actions";
var githubActions = {
  name,
  missing: 'GITHUB_ACTIONS is not "true"',
  detect: ({ env }) => env.GITHUB_ACTIONS === "true",
  async getSubjectToken(ask2, here) {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: written, ACTIONS_ID_TOKEN_REQUEST_TOKEN: pass } = here.env;
    if (!written || !pass)
      throw new SubjectTokenError(name, "this job may not ask for an ID token", {
        code: "permission_missing",
        hint: await howToAllow(here)
      });
    if (!URL.canParse(written)) throw new SubjectTokenError(name, "ACTIONS_ID_TOKEN_REQUEST_URL is not a URL");
    const url = new URL(written);
    url.searchParams.set("audience", audienceNeeded(name, ask2));
    const text = await askPlatform(name, here, {
      url,
      headers: { authorization: `Bearer ${pass}`, accept: "application/json" },
      signal: ask2.signal,
      whenRefused: "the pass of this job (ACTIONS_ID_TOKEN_REQUEST_TOKEN) is not accepted: it ends with the job"
    });
    return { token: memberOf(name, text, "value") };
  }
};
async function howToAllow(here) {
  const { FORGEJO_ACTIONS, GITHUB_EVENT_NAME: event } = here.env;
  const isForgejo = FORGEJO_ACTIONS === "true";
  const allow = isForgejo ? "add `enable-openid-connect: true` to the workflow or to the job (Forgejo 15 or later)" : "add `permissions: id-token: write` to the job";
  if (event === "pull_request_target")
    return `${allow}; it then acts for your repository, and so must not run what the pull request brings`;
  if (isForgejo || !event?.startsWith("pull_request")) return allow;
  const fork = "a pull request from a fork gets no ID token, whatever the workflow says";
  switch (await isFromFork(here)) {
    case true:
      return `${fork}: leave this step out there, and run it once the change is in a branch of your own`;
    case false:
      return allow;
    default:
      return `${allow}; ${fork}`;
  }
}
async function isFromFork({ env: { GITHUB_EVENT_PATH: path }, readFile: readFile2 }) {
  try {
    const event = JSON.parse(path && await readFile2(path) || "{}");
    const [head, base] = [event.pull_request?.head?.repo, event.pull_request?.base?.repo];
    if (head === null && base) return true;
    return head && base ? head.full_name !== base.full_name : void 0;
  } catch {
    return void 0;
  }
}

// src/client/sources/unverified.ts
function claimsOf(token) {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return void 0;
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims) ? claims : void 0;
  } catch {
    return void 0;
  }
}
function audienceOf(token) {
  const aud = claimsOf(token.trim())?.aud;
  return (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === "string");
}

// src/client/access-token.ts
function accessTokenOf({ token, scope, times, requestId, source: source4 }) {
  const shown3 = {
    tokenType: "Bearer",
    expiresAt: new Date(times.expiry),
    refreshAt: new Date(times.advisory),
    scopes: Object.freeze(scope.split(" ").filter((word) => word !== "")),
    serviceAccountId: subjectOf(token),
    requestId,
    source: source4
  };
  const redacted = () => ({ token: "[redacted]", ...shown3 });
  const hidden = (value) => ({ value, enumerable: false });
  return Object.freeze(
    Object.defineProperties({ ...shown3 }, {
      token: hidden(token),
      toJSON: hidden(redacted),
      toString: hidden(() => "[access token]"),
      // Of Node and Bun, and of Deno.
      [/* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom")]: hidden(redacted),
      [/* @__PURE__ */ Symbol.for("Deno.customInspect")]: hidden(() => JSON.stringify(redacted()))
    })
  );
}
function subjectOf(token) {
  const sub = claimsOf(token)?.sub;
  return typeof sub === "string" ? sub : void 0;
}

// src/client/service-url.ts
function parseServiceUrl(text) {
  if (!URL.canParse(text)) throw new ConfigError(`${shown(text)} is no URL`, { hint: example });
  const url = new URL(text);
  if (!isConfidential(url))
    throw new ConfigError(`${url.origin} is not https: whoever is between could read the token`, {
      hint: "give the https URL; http does on this machine alone"
    });
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new ConfigError("the URL is that of the service alone: no user, query or fragment", { hint: example });
  const path = url.pathname.replace(/\/+$/, "");
  const [, prefix, organization] = /^(.*)\/orgs\/([^/]+)$/.exec(path) ?? [];
  if (organization === void 0 || prefix === void 0)
    return { base: url.origin + path, organization: void 0, audience: void 0 };
  return {
    base: url.origin + prefix,
    organization: decoded(organization),
    audience: text.trim().replace(/\/+$/, "")
  };
}
function decoded(organization) {
  try {
    return decodeURIComponent(organization);
  } catch {
    throw new ConfigError("the name of the organization in the URL is not well escaped", { hint: example });
  }
}
var example = "the organization’s URL looks like https://countersign.example/orgs/acme";
var shown = (text) => /^[\x20-\x7e]{1,200}$/.test(text) && !/[\w-]{20}/.test(text) ? `"${text}"` : "what was given";
function isConfidential({ protocol, hostname }) {
  if (protocol === "https:") return true;
  return protocol === "http:" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

// src/client/authorized-fetch.ts
var hopelessFor = 3e4;
function authorizedFetch({ getToken, peek, invalidate }, here) {
  const hopeless = /* @__PURE__ */ new Map();
  function isHopeless(origin) {
    const age = here.now() - (hopeless.get(origin) ?? Number.NEGATIVE_INFINITY);
    return age >= 0 && age < hopelessFor;
  }
  return async (input, init = {}) => {
    const request = input instanceof Request ? input : void 0;
    const url = new URL(request?.url ?? String(input));
    if (!isConfidential(url))
      throw new ConfigError(`${url.origin} is not https: whoever is between could read the token`);
    const signal = init.signal ?? request?.signal;
    const send = ({ token }) => {
      const headers2 = new Headers(init.headers ?? request?.headers);
      headers2.set("authorization", `Bearer ${token}`);
      return here.fetch(input, { ...init, headers: headers2 });
    };
    const ask2 = signal ? { signal } : {};
    const used = await getToken(ask2);
    const answer = await send(used);
    if (answer.status !== 401 || !canBeSentAgain(request, init.body) || isHopeless(url.origin)) return answer;
    if (peek()?.token === used.token) invalidate(answer);
    const fresh = await getToken(ask2);
    answer.body?.cancel().catch(() => {
    });
    const second = await send(fresh);
    if (second.status === 401) hopeless.set(url.origin, here.now());
    return second;
  };
}
function canBeSentAgain(request, body) {
  if (body === void 0) return (request?.body ?? null) === null;
  return !(body instanceof ReadableStream) && !(typeof body === "object" && body !== null && Symbol.asyncIterator in body);
}

// src/client/connection.ts
var longest2 = 1048576;
async function post({ fetch }, url, form, signal) {
  try {
    const response = await fetch(url, {
      method: "POST",
      // Some runtimes know no mode 'error': a redirect is no success, and so it is none of what is expected.
      redirect: "manual",
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      signal
    });
    return await read2(response);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof ServerUnavailableError) throw cause;
    throw new ServerUnavailableError(`${new URL(url).origin} does not answer: ${whyOf(cause)}`, {
      code: "unreachable",
      hint: "is the URL right, and may this machine reach it? countersign doctor looks",
      cause
    });
  }
}
async function read2(response) {
  const { status, headers: headers2 } = response;
  const text = await textOf(response);
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return { status, headers: headers2, body: {}, isJson: false };
  }
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return { status, headers: headers2, body: isObject ? body : {}, isJson: isObject };
}
async function textOf({ body, url }) {
  const reader = body?.getReader();
  if (reader === void 0) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for (; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > longest2) {
      reader.cancel().catch(() => {
      });
      throw new ServerUnavailableError(`${url}: the answer is longer than ${longest2} bytes`, {
        code: "answer_too_long"
      });
    }
    text += decoder.decode(value, { stream: true });
  }
}
function whyOf(error) {
  const { cause } = error;
  const why = cause?.code ?? cause?.message ?? error?.message;
  return typeof why === "string" && why !== "" ? why : "the connection failed";
}

// src/client/refresh-times.ts
var longestAdvisory = 3e5;
var longestMandatory = 3e4;
function refreshTimes(now, life2, hint, random) {
  const whole = life2 * 1e3;
  const expiry = now + whole;
  const mandatory = expiry - Math.min(whole * 0.05, longestMandatory);
  const window = Math.min(whole * 0.2, longestAdvisory) * (0.9 + 0.2 * random);
  const advisory = hint !== void 0 && hint >= 1 && hint < life2 ? now + hint * 1e3 : expiry - window;
  return { obtained: now, advisory: Math.min(advisory, mandatory), mandatory, expiry };
}
var isKnownAge = ({ obtained }, now) => now >= obtained;

// src/client/refusal.ts
var longestRetryAfter = 3600;
var skewAllowed = 1e4;
function refusalOf({ status, headers: headers2, body, isJson }, now, whoFor) {
  if (status === 0 || status >= 300 && status < 400)
    return new ConfigError(
      "the service answers with a redirect, which is not followed: a token goes to the URL that was set, and nowhere else",
      {
        code: "redirected",
        hint: "set the URL that the service is at now"
      }
    );
  const reason = wordOf(body.reason);
  const requestId = textOf2(body.request_id) ?? headers2.get("x-request-id") ?? void 0;
  const said = textOf2(body.error_description) ?? textOf2(body.detail);
  const name16 = reason ?? wordOf(body.error);
  const message = [name16, said ?? (name16 === void 0 ? `the service answers ${status}` : void 0)].filter(Boolean).join(": ");
  if (status === 429) return new RateLimitedError(message, { retryAfter: retryAfter(headers2, now), requestId });
  if (status === 408 || status === 425 || status >= 500)
    return new ServerUnavailableError(message, {
      retryAfter: retryAfter(headers2, now),
      requestId,
      code: reason ?? "unavailable"
    });
  if (!isJson || name16 === void 0)
    return new ExchangeDeniedError(`whoever answers there (${status}) is not Countersign`, {
      status,
      code: "not_countersign",
      hint: "is COUNTERSIGN_URL that of Countersign, with its path prefix?",
      requestId
    });
  return new ExchangeDeniedError(message, {
    status,
    reason,
    requestId,
    hint: reason === "audience_not_accepted" && whoFor || hintFor(reason, requestId, skew(headers2, now)),
    docs: reason === void 0 ? void 0 : `docs/reference/reasons.md#${reason}`
  });
}
function hintFor(reason, requestId, off) {
  if (reason !== void 0 && aboutTime.includes(reason) && Math.abs(off) > skewAllowed)
    return `this machine’s clock is ${Math.round(Math.abs(off) / 1e3)} s ${off > 0 ? "ahead of" : "behind"} the service’s: set it (NTP)`;
  const explain = requestId === void 0 ? "countersign explain" : `countersign explain ${requestId}`;
  return (reason && hints[reason]) ?? `an admin of the organization sees why: ${explain}`;
}
var aboutTime = ["token_expired", "token_not_yet_valid", "token_issued_in_future", "token_too_old"];
var hints = {
  account_ambiguous: "say which service account: serviceAccount, or COUNTERSIGN_SERVICE_ACCOUNT (team/name or its id)",
  api_key_invalid: "is the key whole, and of this service? it may have been revoked, or have expired",
  scope_not_allowed: "ask for less: scope, or COUNTERSIGN_SCOPE",
  target_unknown: "target, or COUNTERSIGN_TARGET, is the audience of a registered resource server",
  dpop_proof_missing: "this account is held to bound tokens (DPoP), which this package does not make",
  token_expired: "exchange it sooner after the platform gave it"
};
function skew(headers2, now) {
  const theirs = Date.parse(headers2.get("date") ?? "");
  return Number.isNaN(theirs) ? 0 : now - theirs;
}
function retryAfter(headers2, now) {
  const given = headers2.get("retry-after")?.trim();
  if (!given) return void 0;
  const from = now - skew(headers2, now);
  const seconds2 = /^\d+$/.test(given) ? Number(given) : (Date.parse(given) - from) / 1e3;
  return seconds2 >= 0 ? Math.min(seconds2, longestRetryAfter) : void 0;
}
var secret = /csk(?:_|%(?:25)*5[Ff])\w+|ey[JA][\w-]{8,}(?:\.[\w-]*)*/g;
function textOf2(value) {
  if (typeof value !== "string" || value === "") return void 0;
  const plain2 = value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ");
  return plain2.replace(secret, "[redacted]").slice(0, 1e3);
}
var wordOf = (value) => typeof value === "string" && /^[a-z][a-z_]{0,63}$/.test(value) ? value : void 0;

// src/client/exchange.ts
async function exchange({ settings, here, random }, found, signal) {
  const sent = here.now();
  const answer = await post(here, `${settings.service.base}/oauth/token`, formOf(settings, found), signal);
  if (answer.status !== 200) throw refusalOf(answer, here.now(), found.hint);
  const { token, life: life2, refreshIn, scope } = grantIn(answer);
  return {
    token,
    scope,
    // From when it was asked for: it cannot be younger.
    times: refreshTimes(sent, life2, refreshIn, random()),
    requestId: answer.headers.get("x-request-id") ?? void 0,
    source: found.source
  };
}
async function revoke({ settings, here }, token, signal) {
  const form = new URLSearchParams({ token, token_type_hint: "access_token" });
  const answer = await post(here, `${settings.service.base}/oauth/revoke`, form, signal);
  if (answer.status !== 200) throw refusalOf(answer, here.now());
}
function formOf({ serviceAccount, scope, target, ttl }, { token, type }) {
  const proof = type === "api_key" ? { grant_type: "client_credentials", client_secret: token } : {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: token,
    subject_token_type: `urn:ietf:params:oauth:token-type:${type}`,
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token"
  };
  const more = { service_account: serviceAccount, scope, resource: target, requested_token_ttl: ttl?.toString() };
  const given = Object.entries({ ...proof, ...more }).filter(
    (entry2) => entry2[1] !== void 0
  );
  return new URLSearchParams(given);
}
function grantIn({ body }) {
  const { access_token, token_type, expires_in, refresh_in, scope } = body;
  if (typeof access_token !== "string" || !/^[\w.~+/-]{1,65536}=*$/.test(access_token)) throw strange("no access token");
  if (typeof token_type !== "string" || token_type.toLowerCase() !== "bearer") throw strange("another type of token");
  if (typeof expires_in !== "number" || !(expires_in > 0)) throw strange("a token that lives for no known time");
  return {
    token: access_token,
    life: expires_in,
    refreshIn: typeof refresh_in === "number" ? refresh_in : void 0,
    scope: typeof scope === "string" ? scope : ""
  };
}
var strange = (what4) => new ConfigError(`whoever answers there gave ${what4}`, {
  code: "not_countersign",
  hint: "is COUNTERSIGN_URL that of Countersign, with its path prefix?"
});

// src/client/file-cache.ts
var oldest = 864e5;
function openFileCache(cache, settings, here) {
  if (cache === void 0) return void 0;
  const directory = cache === "file" ? usersOwn(here.env) : cache.directory;
  const touched = /* @__PURE__ */ new Set();
  const fileFor = async (found) => {
    const file = `${directory}/${await keyOf(settings, found)}.json`;
    touched.add(file);
    return file;
  };
  return {
    async read(found, isForced) {
      const file = await fileFor(found);
      try {
        if (isForced) return void await remove(file);
        return parsed(await readPrivate(file), found);
      } catch {
        return void 0;
      }
    },
    async write(found, obtained) {
      const file = await fileFor(found);
      try {
        await writePrivate(directory, file, JSON.stringify(obtained));
        await sweep(directory, here.now());
      } catch {
      }
    },
    async forget() {
      for (const file of touched) await remove(file).catch(() => {
      });
    }
  };
}
function usersOwn(env) {
  const home = env.HOME ?? env.USERPROFILE;
  const folder = env.XDG_CACHE_HOME || env.LOCALAPPDATA || home && `${home}/.cache`;
  if (!folder)
    throw new ConfigError("cache: nothing says where your cache folder is", {
      hint: "cache: { directory }, or set HOME"
    });
  return `${folder}/countersign`;
}
var ofToken = /* @__PURE__ */ new Set(["iat", "nbf", "exp", "jti", "auth_time", "aio", "rh", "uti"]);
async function keyOf({ service, serviceAccount, scope, audience, target, ttl }, found) {
  const claims = Object.entries(claimsOf(found.token) ?? {}).filter(([name16]) => !ofToken.has(name16));
  const identity = found.type === "api_key" ? await digest(found.token) : claims.sort(([a], [b]) => a < b ? -1 : 1);
  return digest(
    JSON.stringify([
      service.base,
      service.organization,
      serviceAccount,
      scope,
      audience,
      target,
      ttl,
      found.source,
      found.type,
      identity
    ])
  );
}
async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
function parsed(text, { source: source4 }) {
  const { token, scope, times, requestId } = JSON.parse(text);
  const isWhole = typeof token === "string" && typeof scope === "string" && isTimes(times);
  if (!isWhole) return void 0;
  return { token, scope, times, requestId: typeof requestId === "string" ? requestId : void 0, source: source4 };
}
var isTimes = (times) => [times?.obtained, times?.advisory, times?.mandatory, times?.expiry].every(Number.isFinite);
var isWindows = () => globalThis.process?.platform === "win32";
async function readPrivate(path) {
  const { constants, open } = await import("node:fs/promises");
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const { mode, uid, size } = await file.stat();
    const isOurs = isWindows() || (mode & 63) === 0 && uid === globalThis.process?.getuid?.();
    if (!isOurs || size > 1048576) throw new Error(`${path} is open to others`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
async function writePrivate(directory, path, text) {
  const { mkdir, open, rename, rm } = await import("node:fs/promises");
  await mkdir(directory, { recursive: true, mode: 448 });
  const fresh = `${path}.${crypto.randomUUID()}`;
  try {
    const file = await open(fresh, "wx", 384);
    try {
      await file.chmod(384);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
async function sweep(directory, now) {
  const { readdir, stat } = await import("node:fs/promises");
  for (const name16 of await readdir(directory)) {
    if (!/^[0-9a-f]{64}\.json(\.|$)/.test(name16)) continue;
    const path = `${directory}/${name16}`;
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs > oldest) await remove(path);
  }
}
async function remove(path) {
  const { rm } = await import("node:fs/promises");
  await rm(path, { force: true });
}

// src/client/given-out.ts
var most = 100;
function createGivenOut(now) {
  let given = [];
  const alive = () => given.filter(({ times }) => now() < times.expiry);
  return {
    add(token) {
      given = [...alive(), token].slice(-most);
    },
    take() {
      const tokens = alive().map(({ token }) => token);
      given = [];
      return tokens;
    }
  };
}

// src/client/listeners.ts
function createListeners() {
  const all = /* @__PURE__ */ new Map();
  return {
    on(event, listener) {
      const own = (what4) => listener(what4);
      const some = all.get(event) ?? /* @__PURE__ */ new Set();
      all.set(event, some.add(own));
      return () => void some.delete(own);
    },
    tell(event, what4) {
      for (const listener of [...all.get(event) ?? []]) {
        try {
          Promise.resolve(listener(what4)).catch(() => {
          });
        } catch {
        }
      }
    },
    clear: () => all.clear()
  };
}

// src/client/provider-settings.ts
function settingsOf(options, env) {
  const url = options.url ?? set(env.COUNTERSIGN_URL);
  if (url === void 0)
    throw new ConfigError("which service? there is no URL", { hint: "set COUNTERSIGN_URL, or give url" });
  const service = parseServiceUrl(url);
  const { scope, ttl, timeout = 6e4 } = options;
  if (ttl !== void 0 && !(Number.isInteger(ttl) && ttl > 0)) throw new ConfigError("ttl: whole seconds, above 0");
  if (!(timeout > 0 && timeout <= 2147483647)) throw new ConfigError("timeout: milliseconds, above 0");
  return {
    service,
    serviceAccount: options.serviceAccount ?? set(env.COUNTERSIGN_SERVICE_ACCOUNT),
    scope: typeof scope === "string" ? scope : scope?.join(" ") ?? set(env.COUNTERSIGN_SCOPE),
    audience: options.audience ?? set(env.COUNTERSIGN_AUDIENCE) ?? service.audience,
    target: options.target ?? set(env.COUNTERSIGN_TARGET),
    ttl,
    timeout
  };
}
var set = (value) => value?.trim() || void 0;

// src/client/retry.ts
var first = 250;
var longest3 = 5e3;
var farewell = 20;
async function withRetries(retrying, work) {
  const { timeout, perAttempt: perAttempt2, now, signal, pause, failed } = retrying;
  const spent = stopwatch(now);
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await within(Math.min(perAttempt2, Math.max(timeout - spent(), 1)), signal, work);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const wait = pauseAfter(error, attempt, retrying);
      const isLast = wait === void 0 || spent() + wait >= timeout;
      failed({ error, attempt, retryInMs: isLast ? void 0 : wait });
      if (isLast) throw error;
      await pause(wait, signal);
    }
  }
}
function stopwatch(now) {
  let spent = 0;
  let last = now();
  return () => {
    const at = now();
    spent += Math.max(at - last, 0);
    last = at;
    return spent;
  };
}
function pauseAfter(error, attempt, { random }) {
  if (!(error instanceof FederationError) || !error.retryable) return void 0;
  const jitter = random() * Math.min(longest3, first * 2 ** (attempt - 1));
  const wanted = error.retryAfter;
  return wanted === void 0 ? Math.max(jitter, 50) : wanted * 1e3 + jitter;
}
async function within(ms, outer, work) {
  const controller = new AbortController();
  const give = () => controller.abort(outer.reason);
  outer.addEventListener("abort", give, { once: true });
  const timer = setTimeout(() => controller.abort(late(ms)), ms);
  try {
    const ended = new Promise((_, reject) => {
      const give2 = () => setTimeout(() => reject(controller.signal.reason), farewell);
      controller.signal.addEventListener("abort", give2, { once: true });
    });
    return await Promise.race([work(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", give);
  }
}
var late = (ms) => new FederationError("unavailable", `no answer within ${Math.round(ms / 1e3)} s`, {
  code: "timeout",
  hint: "is the service reachable from here, and what gives the identity? countersign doctor looks"
});

// src/client/refresher.ts
var perAttempt = 1e4;
function createRefresher(needs) {
  const { work, timeout, now, random, failed, obtained } = needs;
  const closed = new AbortController();
  let generation = 0;
  let isOvertaken = false;
  let current;
  function begin2(isForced) {
    const timer = heldTimer();
    let tell2 = (_isDelayed) => {
    };
    const isDelayed = new Promise((resolve) => {
      tell2 = resolve;
    });
    const mine = generation;
    const isCurrent = () => mine === generation;
    const done = withRetries(
      {
        timeout,
        perAttempt,
        now,
        random,
        signal: closed.signal,
        pause: timer.pause,
        failed(what4) {
          if (isCurrent()) failed(what4);
          if (what4.retryInMs !== void 0) tell2(true);
        }
      },
      (signal) => work(signal, isForced, isCurrent)
    ).then((token) => {
      if (isCurrent()) obtained(token);
      return token;
    }).finally(() => {
      if (current?.generation === mine) current = void 0;
      tell2(false);
    });
    done.catch(() => {
    });
    const refresh = { done, isDelayed, hold: timer.hold };
    current = { refresh, generation: mine, isForced };
    return refresh;
  }
  return {
    refresh(isForced = false) {
      if (current?.generation === generation) {
        if (current.isForced || !isForced) return current.refresh;
        generation++;
      }
      const refresh = begin2(isForced || isOvertaken);
      isOvertaken = false;
      return refresh;
    },
    overtake() {
      generation++;
      isOvertaken = true;
    },
    close: (reason) => closed.abort(reason)
  };
}
function heldTimer() {
  let holders = 0;
  let timer;
  return {
    hold() {
      holders++;
      timer?.ref?.();
      return () => {
        if (--holders === 0) timer?.unref?.();
      };
    },
    pause: (ms, signal) => new Promise((resolve, reject) => {
      const ended = () => {
        clearTimeout(id);
        reject(signal.reason);
      };
      const id = setTimeout(() => {
        signal.removeEventListener("abort", ended);
        timer = void 0;
        resolve();
      }, ms);
      if (typeof id === "object") timer = id;
      if (holders === 0) timer?.unref?.();
      signal.addEventListener("abort", ended, { once: true });
    })
  };
}

// src/client/sources/api-key.ts
var apiKey = {
  name: "api-key",
  missing: "COUNTERSIGN_API_KEY is not set",
  detect: ({ env }) => Boolean(env.COUNTERSIGN_API_KEY?.trim()),
  async getSubjectToken(_ask, { env }) {
    const token = env.COUNTERSIGN_API_KEY;
    if (!token?.trim())
      throw new SubjectTokenError("api-key", "COUNTERSIGN_API_KEY is not set", { code: "subject_token_missing" });
    return { token, type: "api_key" };
  }
};

// src/client/sources/read-token-file.ts
async function readTokenFile(source4, path, here) {
  try {
    return await here.readFile(path);
  } catch (error) {
    const code2 = error?.code;
    if (code2 === "ENAMETOOLONG") return void 0;
    const why = typeof code2 === "string" ? ` (${code2})` : "";
    throw new SubjectTokenError(source4, `${shownPath(path)} cannot be read${why}`, {
      ...code2 === "EACCES" && { hint: "this process runs as a user who may not read it" }
    });
  }
}
function shownPath(path) {
  return path.length < 24 || /[/\\]/.test(path) && path.length < 1024 ? path : "(what stands there is no path)";
}

// src/client/sources/aws-credentials.ts
var source = "aws";
async function awsCredentials(here, signal, { instance, assumeRole }) {
  const { env } = here;
  const [accessKeyId, secretAccessKey, sessionToken] = [
    env.AWS_ACCESS_KEY_ID?.trim(),
    env.AWS_SECRET_ACCESS_KEY?.trim(),
    env.AWS_SESSION_TOKEN?.trim() || void 0
  ];
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken };
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN)
    return assumeRole(env.AWS_ROLE_ARN, await fileOf(here, "AWS_WEB_IDENTITY_TOKEN_FILE"));
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI)
    return ofContainer(here, signal);
  return ofInstance(instance);
}
async function ofContainer(here, signal) {
  const { env } = here;
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "";
  const url = relative ? new URL(`http://169.254.170.2${relative}`) : platformUrl(source, "AWS_CONTAINER_CREDENTIALS_FULL_URI", full);
  const pass = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ? await fileOf(here, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  const what4 = "the credentials endpoint of the container";
  const headers2 = pass ? { authorization: pass } : {};
  const call2 = { what: what4, url, headers: headers2, signal, timeout: metadataTimeout };
  const { status, text } = await callPlatform(source, here, call2);
  const credentials = status === 200 ? credentialsIn(text) : void 0;
  if (credentials) return credentials;
  throw new SubjectTokenError(source, `${what4} gave no credentials (${status})`, {
    code: "no_platform_identity",
    isUnavailable: isPassing(status),
    hint: "give the task a task role (ECS), or the service account of the pod a pod identity association (EKS)"
  });
}
async function ofInstance(instance) {
  const folder = "iam/security-credentials/";
  const role = (await instance(folder))?.trim().split("\n")[0];
  const credentials = role ? credentialsIn(await instance(folder + role) ?? "") : void 0;
  if (credentials) return credentials;
  throw new SubjectTokenError(source, "there are no AWS credentials here", {
    code: "no_platform_identity",
    hint: "attach an instance profile with a role to the machine, or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION"
  });
}
function credentialsIn(text) {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = membersOf(text);
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string" || typeof Token !== "string")
    return void 0;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiresAt: timeOf(String(Expiration))
  };
}
function timeOf(text) {
  const time = Date.parse(text);
  return Number.isNaN(time) ? void 0 : time;
}
async function fileOf(here, variable2) {
  const path = here.env[variable2] ?? "";
  const text = (await readTokenFile(source, path, here))?.trim();
  if (text) return text;
  throw new SubjectTokenError(source, `${path} is ${text === void 0 ? "not there" : "empty"}`, {
    hint: `${variable2} names it; the platform should have put it there`
  });
}

// src/client/sources/aws-metadata.ts
var source2 = "aws";
var what = "the instance metadata service";
var whenSilent = "in a container on EC2 the metadata service is out of reach unless the hop limit of the instance is 2: give the container a task role or a pod identity, or raise the limit";
function instanceMetadata(here, signal) {
  let pass;
  return async (path) => {
    pass ??= passFor(here, signal);
    const url = new URL(`/latest/meta-data/${path}`, serverOf(here));
    const headers2 = { "x-aws-ec2-metadata-token": await pass };
    const answer = await callPlatform(source2, here, { what, url, headers: headers2, signal, timeout: metadataTimeout, whenSilent });
    if (answer.status === 200) return answer.text;
    if (answer.status === 404) return void 0;
    throw refused(answer.status);
  };
}
async function passFor(here, signal) {
  if (here.env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true")
    throw new SubjectTokenError(
      source2,
      "there are no credentials, and AWS_EC2_METADATA_DISABLED keeps us from the metadata service",
      {
        code: "no_platform_identity",
        hint: "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or unset AWS_EC2_METADATA_DISABLED"
      }
    );
  const url = new URL("/latest/api/token", serverOf(here));
  const headers2 = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
  const call2 = { what, url, method: "PUT", headers: headers2, signal, timeout: metadataTimeout, whenSilent };
  const { status, text } = await callPlatform(source2, here, call2);
  if (status === 200) return text.trim();
  throw refused(status);
}
function serverOf({ env }) {
  const isSix = env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === "ipv6";
  const text = env.AWS_EC2_METADATA_SERVICE_ENDPOINT || (isSix ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
  return platformUrl(source2, "AWS_EC2_METADATA_SERVICE_ENDPOINT", text);
}
var refused = (status) => new SubjectTokenError(source2, `${what} says no (${status})`, {
  isUnavailable: isPassing(status),
  hint: status === 403 ? "the metadata service of this instance is turned off" : void 0
});

// src/client/sources/aws-refusal.ts
var known = {
  OutboundWebIdentityFederationDisabled: {
    says: "outbound identity federation is not enabled in this AWS account",
    code: "platform_not_enabled",
    hint: "once for the account: `aws iam enable-outbound-web-identity-federation`, which answers with the issuer to register"
  },
  AccessDenied: {
    says: "this role may not ask for a token",
    code: "permission_missing",
    hint: "allow the role sts:GetWebIdentityToken; conditions on sts:IdentityTokenAudience, sts:SigningAlgorithm and sts:DurationSeconds have to let our audience, ES384 and 300 pass"
  },
  ExpiredToken: {
    says: "the AWS credentials have expired",
    code: "platform_credentials_expired",
    hint: "those in AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN are not renewed by themselves: set new ones"
  },
  SessionDurationEscalation: {
    says: "the AWS session ends before the token would",
    code: "platform_credentials_expired",
    hint: "the AWS credentials are about to expire: have them renewed"
  },
  SignatureDoesNotMatch: {
    says: "AWS does not accept our signature",
    code: "platform_credentials_refused",
    hint: "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID, or the clock of this machine is more than 5 minutes wrong"
  },
  InvalidClientTokenId: {
    says: "AWS does not know these credentials",
    code: "platform_credentials_refused",
    hint: "the access key was deleted, or AWS_SESSION_TOKEN is missing beside AWS_ACCESS_KEY_ID"
  },
  InvalidIdentityToken: {
    says: "AWS does not accept the token in AWS_WEB_IDENTITY_TOKEN_FILE",
    code: "platform_credentials_refused",
    hint: "register the OIDC provider of the cluster in IAM, and let the role trust this service account"
  }
};
function awsRefusal(action, { status, text }) {
  const word = /<Code>([A-Za-z.]{1,80})<\/Code>/.exec(text)?.[1];
  const { says, code: code2, hint } = known[(word ?? "").replace(/Exception$/, "")] ?? {};
  const isUnavailable = isPassing(status) || word === "Throttling" || word === "ThrottlingException";
  return new SubjectTokenError("aws", `${says ?? `${action} was refused`} (${word ?? status})`, {
    ...code2 && { code: code2 },
    hint: action === "AssumeRoleWithWebIdentity" && word === "AccessDenied" ? trust : hint,
    isUnavailable
  });
}
var trust = "the trust policy of the role in AWS_ROLE_ARN has to let this service account in";

// src/client/sources/aws-region.ts
var source3 = "aws";
async function awsRegion(here, signal, instance) {
  const { AWS_REGION, AWS_DEFAULT_REGION, ECS_CONTAINER_METADATA_URI_V4: task } = here.env;
  const said = AWS_REGION?.trim() || AWS_DEFAULT_REGION?.trim();
  const region = said || (task ? await ofTask(here, signal, task) : (await instance("placement/region"))?.trim());
  if (region && /^[a-z]{2,}(-[a-z0-9]+)+$/.test(region)) return region;
  throw new SubjectTokenError(source3, said ? "AWS_REGION is no region" : "we do not know which region we are in", {
    hint: "set AWS_REGION: the call has no global endpoint"
  });
}
async function ofTask(here, signal, address) {
  const url = platformUrl(source3, "ECS_CONTAINER_METADATA_URI_V4", `${address}/task`);
  const call2 = { url, signal, timeout: metadataTimeout, what: "the metadata of the task", whenSilent: "set AWS_REGION" };
  const { status, text } = await callPlatform(source3, here, call2);
  const { TaskARN } = status === 200 ? membersOf(text) : {};
  return typeof TaskARN === "string" ? TaskARN.split(":")[3] : void 0;
}

// src/client/sources/aws-signature.ts
async function signedHeaders({ url, method, headers: headers2, body }, { accessKeyId, secretAccessKey, sessionToken }, { region, service, now }) {
  const time = `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, "")}`;
  const day = time.slice(0, 8);
  const sent = {
    ...headers2,
    "x-amz-date": time,
    ...sessionToken === void 0 ? {} : { "x-amz-security-token": sessionToken }
  };
  const signed = Object.entries({ ...sent, host: url.host }).sort(([a], [b]) => a < b ? -1 : 1);
  const names = signed.map(([name16]) => name16).join(";");
  const lines = signed.map(([name16, value]) => `${name16}:${value.trim().replace(/ +/g, " ")}
`).join("");
  const path = url.pathname.split("/").map(encodeURIComponent).join("/");
  const canonical = [method, path, "", lines, names, hex(await digest2(body))].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, hex(await digest2(canonical))].join("\n");
  let key = bytesOf(`AWS4${secretAccessKey}`);
  for (const part of [day, region, service, "aws4_request", toSign]) key = await hmac(key, part);
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${hex(key)}`
  };
}
var bytesOf = (text) => new TextEncoder().encode(text);
var hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
async function digest2(text) {
  return new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytesOf(text)));
}
async function hmac(key, text) {
  const { subtle } = globalThis.crypto;
  const imported = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, bytesOf(text)));
}

// src/client/sources/firmware.ts
async function firmwareSays(here, field, makers) {
  try {
    const text = await here.readFile(`/sys/class/dmi/id/${field}`);
    return text !== void 0 && makers.includes(text.trim());
  } catch {
    return false;
  }
}

// src/client/sources/aws.ts
var name2 = "aws";
var variables = [
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "ECS_CONTAINER_METADATA_URI_V4",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI"
];
var [life, leastLife] = [300, 60];
var algorithm = "ES384";
var aws = {
  name: name2,
  missing: "no variable of Lambda, ECS or EKS is set, and the machine is none of EC2",
  // Keys in variables alone may be anybody's, on any machine.
  detect: async (here) => variables.some((variable2) => here.env[variable2]) || await firmwareSays(here, "sys_vendor", ["Amazon EC2"]),
  async getSubjectToken(ask2, here) {
    const audience = audienceNeeded(name2, ask2);
    const instance = instanceMetadata(here, ask2.signal);
    const region = await awsRegion(here, ask2.signal, instance);
    const sts = { here, region, signal: ask2.signal };
    const assumeRole = (role, token) => assumed(sts, role, token);
    const credentials = await awsCredentials(here, ask2.signal, { instance, assumeRole });
    const left = Math.floor(((credentials.expiresAt ?? Number.POSITIVE_INFINITY) - here.now()) / 1e3);
    const form = {
      "Audience.member.1": audience,
      SigningAlgorithm: algorithm,
      DurationSeconds: String(Math.max(leastLife, Math.min(life, left)))
    };
    const text = await call(sts, "GetWebIdentityToken", form, credentials);
    return { token: elementIn(text, "WebIdentityToken") };
  }
};
function endpointOf({ here: { env }, region }) {
  const own = env.AWS_ENDPOINT_URL_STS || env.AWS_ENDPOINT_URL;
  if (own && env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() !== "true")
    return platformUrl(name2, env.AWS_ENDPOINT_URL_STS ? "AWS_ENDPOINT_URL_STS" : "AWS_ENDPOINT_URL", own);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : region.startsWith("eusc-") ? "amazonaws.eu" : "amazonaws.com";
  return new URL(`https://sts.${region}.${domain}/`);
}
async function assumed(sts, role, token) {
  const session = sts.here.env.AWS_ROLE_SESSION_NAME || `countersign-${sts.here.now()}`;
  const form = { RoleArn: role, RoleSessionName: session, WebIdentityToken: token };
  const text = await call(sts, "AssumeRoleWithWebIdentity", form);
  return {
    accessKeyId: elementIn(text, "AccessKeyId"),
    secretAccessKey: elementIn(text, "SecretAccessKey"),
    sessionToken: elementIn(text, "SessionToken"),
    expiresAt: timeOf(elementIn(text, "Expiration"))
  };
}
async function call(sts, action, form, credentials) {
  const { here, region, signal } = sts;
  const url = endpointOf(sts);
  const body = new URLSearchParams({ Action: action, Version: "2011-06-15", ...form }).toString();
  const plain2 = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const request = { url, method: "POST", headers: plain2, body };
  const headers2 = credentials ? await signedHeaders(request, credentials, { region, service: "sts", now: here.now() }) : plain2;
  const answer = await callPlatform(name2, here, { ...request, headers: headers2, signal, what: "AWS STS" });
  if (answer.status === 200) return answer.text;
  throw awsRefusal(action, answer);
}
function elementIn(xml, element) {
  const found = new RegExp(`<${element}>\\s*([^<&]+?)\\s*</${element}>`).exec(xml)?.[1];
  if (found !== void 0) return found;
  throw new SubjectTokenError(name2, `the answer of AWS STS has no ${element}`);
}

// src/client/sources/entra-token.ts
function identityQuery(url, version, resource, { AZURE_CLIENT_ID }) {
  const asked = new URL(url);
  asked.searchParams.set("api-version", version);
  asked.searchParams.set("resource", resource);
  if (AZURE_CLIENT_ID) asked.searchParams.set("client_id", AZURE_CLIENT_ID);
  return asked;
}
function entraToken(source4, resource, { status, text }) {
  const { access_token, error } = membersOf(text);
  if (status === 200 && typeof access_token === "string") return { token: access_token.trim() };
  const word = typeof error === "string" && /^[\w-]{1,60}$/.test(error) ? `${status} ${error}` : String(status);
  const fail = (message, code2, hint) => new SubjectTokenError(source4, message, { code: code2, hint });
  if (error === "invalid_resource")
    return refuse(
      fail(
        `Entra ID knows no application called ${resource}`,
        "audience_not_registered",
        "register an application in Entra ID that has this Application ID URI, or set COUNTERSIGN_AUDIENCE to the URI of the one that stands for Countersign, and let the issuer accept that (tokens of version 2: its client id)"
      )
    );
  const isUnavailable = isPassing(status) || status === 404 || status === 410;
  if (status === 200 || isUnavailable)
    throw new SubjectTokenError(source4, `no token came (${word})`, {
      code: "platform_unavailable",
      isUnavailable: true
    });
  throw fail(
    `no token was given (${word})`,
    "no_platform_identity",
    "turn on the system-assigned identity, or set AZURE_CLIENT_ID to the client id of a user-assigned one that is assigned here"
  );
}
function refuse(error) {
  throw error;
}

// src/client/sources/azure-app-service.ts
var name3 = "azure-app-service";
var azureAppService = {
  name: name3,
  missing: "IDENTITY_ENDPOINT and IDENTITY_HEADER are not both set",
  // Service Fabric has the first two as well, and its own protocol; Azure Arc has no header (msal-node's sources).
  detect: ({ env }) => Boolean(env.IDENTITY_ENDPOINT && env.IDENTITY_HEADER && !env.IDENTITY_SERVER_THUMBPRINT),
  async getSubjectToken(ask2, here) {
    const resource = audienceNeeded(name3, ask2);
    const { IDENTITY_ENDPOINT = "", IDENTITY_HEADER = "" } = here.env;
    const answer = await callPlatform(name3, here, {
      what: "the token service",
      url: identityQuery(platformUrl(name3, "IDENTITY_ENDPOINT", IDENTITY_ENDPOINT), "2019-08-01", resource, here.env),
      headers: { "x-identity-header": IDENTITY_HEADER, accept: "application/json" },
      signal: ask2.signal
    });
    return entraToken(name3, resource, answer);
  }
};

// src/client/sources/azure-imds.ts
var name4 = "azure-imds";
var what2 = "the instance metadata service";
var azureImds = {
  name: name4,
  async getSubjectToken(ask2, here) {
    const resource = audienceNeeded(name4, ask2);
    const host = here.env.AZURE_POD_IDENTITY_AUTHORITY_HOST || "http://169.254.169.254";
    const url = new URL("/metadata/identity/oauth2/token", platformUrl(name4, "AZURE_POD_IDENTITY_AUTHORITY_HOST", host));
    await knock(here, url, ask2.signal);
    const answer = await callPlatform(name4, here, {
      what: what2,
      url: identityQuery(url, "2018-02-01", resource, here.env),
      headers: { metadata: "true", accept: "application/json" },
      signal: ask2.signal
    });
    return entraToken(name4, resource, answer);
  }
};
async function knock(here, url, signal) {
  await callPlatform(name4, here, {
    what: what2,
    url,
    headers: { accept: "application/json" },
    signal,
    timeout: metadataTimeout,
    whenSilent: "it is on machines of Azure alone; elsewhere, name another source with COUNTERSIGN_SOURCE"
  });
}

// src/client/sources/azure-pipelines.ts
var name5 = "azure-pipelines";
var fixed = "api://AzureADTokenExchange";
var azurePipelines = {
  name: name5,
  missing: "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI is not set",
  detect: ({ env }) => Boolean(env.SYSTEM_TEAMFOUNDATIONCOLLECTIONURI),
  async getSubjectToken({ audience, signal }, here) {
    const { SYSTEM_ACCESSTOKEN: pass } = here.env;
    if (!pass?.trim() || pass.startsWith("$("))
      throw new SubjectTokenError(name5, "SYSTEM_ACCESSTOKEN is not set", {
        code: "permission_missing",
        hint: "a step gets it only when it asks: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }"
      });
    const text = await askPlatform(name5, here, {
      url: urlOf(here.env),
      method: "POST",
      headers: {
        authorization: `Bearer ${pass}`,
        accept: "application/json",
        "content-type": "application/json",
        // Else it sends us to a page to sign in at, instead of saying no.
        "x-tfs-fedauthredirect": "Suppress"
      },
      signal,
      whenRefused: here.env.SYSTEM_PULLREQUEST_ISFORK?.toLowerCase() === "true" ? "builds of forks have a System.AccessToken of few rights: leave this step out there" : "System.AccessToken is good for its own job, and while that runs"
    });
    const hint = audience === fixed ? void 0 : `tokens of Azure Pipelines are for ${fixed}, whoever they are shown to: let the issuer accept that, and set COUNTERSIGN_AUDIENCE to it`;
    return { token: memberOf(name5, text, "oidcToken"), hint };
  }
};
function urlOf(env) {
  const written = env.SYSTEM_OIDCREQUESTURI || madeUp(env);
  if (!URL.canParse(written)) throw new SubjectTokenError(name5, "SYSTEM_OIDCREQUESTURI is not a URL");
  const url = new URL(written);
  url.searchParams.set("api-version", "7.1");
  return url;
}
function madeUp(env) {
  const part = (variable2) => {
    const value = env[variable2];
    if (value) return encodeURIComponent(value);
    throw new SubjectTokenError(name5, `neither SYSTEM_OIDCREQUESTURI nor ${variable2} is set`);
  };
  const collection = env.SYSTEM_TEAMFOUNDATIONCOLLECTIONURI?.replace(/\/*$/, "/") ?? "";
  const [project, hub, plan, job] = [
    part("SYSTEM_TEAMPROJECTID"),
    part("SYSTEM_HOSTTYPE"),
    part("SYSTEM_PLANID"),
    part("SYSTEM_JOBID")
  ];
  return `${collection}${project}/_apis/distributedtask/hubs/${hub}/plans/${plan}/jobs/${job}/oidctoken`;
}

// src/client/sources/bitbucket.ts
var name6 = "bitbucket";
var bitbucket = {
  name: name6,
  missing: "BITBUCKET_BUILD_NUMBER is not set",
  whenExpired: "Bitbucket gives a step one token, and never another: exchange it early in the step",
  detect: ({ env }) => Boolean(env.BITBUCKET_BUILD_NUMBER),
  async getSubjectToken({ audience }, { env }) {
    const token = env.BITBUCKET_STEP_OIDC_TOKEN;
    const want = `oidc: { audiences: ['${audience ?? "URL OF THE ORGANIZATION"}'] }`;
    if (!token?.trim())
      throw new SubjectTokenError(name6, "the step has no ID token (BITBUCKET_STEP_OIDC_TOKEN)", {
        code: "permission_missing",
        hint: `add to the step in bitbucket-pipelines.yml: ${want} (\`oidc: true\` makes one for the workspace)`
      });
    const has = audienceOf(token);
    if (!audience || has.includes(audience)) return { token };
    const list = has.join(", ");
    if (!has.some((one) => one.startsWith("ari:cloud:bitbucket::workspace/")))
      throw new SubjectTokenError(name6, `the token of the step is for ${list || "nobody"}, and not for ${audience}`, {
        code: "subject_token_misaddressed",
        hint: `say in the step whom it is for, up to ten: ${want}`
      });
    const hint = `the token is for the workspace: let the issuer accept ${list} and set COUNTERSIGN_AUDIENCE to it, or have one made for us: ${want}`;
    return { token, hint };
  }
};

// src/client/sources/run-program.ts
async function runProgram(source4, { run: run2 }, [program, ...args], signal) {
  try {
    return await run2(program, args, signal);
  } catch (error) {
    signal.throwIfAborted();
    const { code: code2, stderr } = error;
    if (code2 === "ENOENT") return void 0;
    const said = typeof stderr === "string" ? lastLineOf(stderr) : "";
    throw new SubjectTokenError(source4, `${program} failed${said && `: ${said}`}`, { code: "program_failed" });
  }
}
function lastLineOf(text) {
  const lines = text.replace(/\u001b\[[\d;]*m/g, "").split(/[\r\n]+/);
  const last = lines.findLast((line) => line.trim() !== "") ?? "";
  const masked = last.replace(/[\w+/=-]{24,}(\.[\w-]+)*/g, "…").replace(/[^\x20-\x7e…]/g, "");
  return masked.trim().slice(0, 200);
}

// src/client/sources/buildkite.ts
var name7 = "buildkite";
var ids = ["organization_id", "pipeline_id"];
var buildkite = {
  name: name7,
  missing: 'BUILDKITE is not "true"',
  detect: ({ env }) => env.BUILDKITE === "true",
  async getSubjectToken(ask2, here) {
    const audience = audienceNeeded(name7, ask2);
    const claims = claimsFor(here.env);
    const { BUILDKITE_AGENT_ENDPOINT: endpoint, BUILDKITE_AGENT_ACCESS_TOKEN: pass, BUILDKITE_JOB_ID: job } = here.env;
    if (endpoint && pass && job) {
      const written = `${endpoint.replace(/\/+$/, "")}/jobs/${encodeURIComponent(job)}/oidc/tokens`;
      if (!URL.canParse(written)) throw new SubjectTokenError(name7, "BUILDKITE_AGENT_ENDPOINT is not a URL");
      const subject = here.env.BUILDKITE_OIDC_TOKEN_SUBJECT_CLAIM;
      const text = await askPlatform(name7, here, {
        url: new URL(written),
        method: "POST",
        headers: { authorization: `Token ${pass}`, accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify({ audience, claims, ...subject && { subject_claim: subject } }),
        signal: ask2.signal,
        whenRefused: "the access token of the agent is good for its own job, and while that runs"
      });
      return { token: memberOf(name7, text, "token") };
    }
    const args = ["oidc", "request-token", "--audience", audience, ...claims.flatMap((claim) => ["--claim", claim])];
    const token = await runProgram(name7, here, ["buildkite-agent", ...args], ask2.signal);
    if (token !== void 0) return { token };
    throw new SubjectTokenError(name7, "there is neither BUILDKITE_AGENT_ACCESS_TOKEN nor a program `buildkite-agent`", {
      code: "permission_missing",
      hint: "where the step runs in a container, give it the agent: `mount-buildkite-agent: true` of the docker plugin"
    });
  }
};
function claimsFor({ BUILDKITE_OIDC_TOKEN_CLAIMS: set2 = "" }) {
  const own = set2.split(",").map((claim) => claim.trim());
  return [.../* @__PURE__ */ new Set([...ids, ...own.filter(Boolean)])];
}

// src/client/sources/circleci.ts
var name8 = "circleci";
var circleci = {
  name: name8,
  missing: 'CIRCLECI is not "true"',
  whenExpired: "CircleCI puts one token into the environment, for an hour; `circleci run oidc get` makes a new one",
  detect: ({ env }) => env.CIRCLECI === "true",
  async getSubjectToken({ audience, signal }, here) {
    const given = here.env.CIRCLE_OIDC_TOKEN_V2?.trim() || here.env.CIRCLE_OIDC_TOKEN?.trim();
    if (given && isFor(given, audience, here.now())) return { token: given };
    if (audience) {
      const claims = JSON.stringify({ aud: audience });
      const made = await runProgram(name8, here, ["circleci", "run", "oidc", "get", "--claims", claims], signal);
      if (made !== void 0) return { token: made };
    }
    if (given) return { token: given, hint: whatToAccept(given, audience) };
    throw new SubjectTokenError(name8, "the job has no ID token (CIRCLE_OIDC_TOKEN_V2), and no program `circleci`", {
      code: "permission_missing",
      hint: howToGetOne(here.env)
    });
  }
};
function isFor(token, audience, now) {
  if (audience && !audienceOf(token).includes(audience)) return false;
  const exp = claimsOf(token)?.exp;
  return !(typeof exp === "number" && exp * 1e3 <= now);
}
function whatToAccept(token, audience) {
  const id = audienceOf(token).join(", ");
  return `the token is for the CircleCI organization ${id}: put \`circleci\` on the PATH, so that it makes one for ${audience}, or let the issuer accept ${id} and set COUNTERSIGN_AUDIENCE to it`;
}
function howToGetOne({ CIRCLE_PR_USERNAME, CIRCLE_PR_REPONAME }) {
  if (CIRCLE_PR_USERNAME || CIRCLE_PR_REPONAME)
    return "a pull request from a fork gets one only where the project passes secrets to builds of forks: leave this step out there";
  return "CircleCI gives every job one (server 4.4 or later): where the job runs in a container of its own, hand CIRCLE_OIDC_TOKEN_V2 on to it";
}

// src/client/sources/fly.ts
var name9 = "fly";
var socket = "/.fly/api";
var fly = {
  name: name9,
  missing: "FLY_APP_NAME and FLY_MACHINE_ID are not both set",
  // Both are set by the machine's init; the first alone may be somebody's own, who deploys.
  detect: ({ env }) => Boolean(env.FLY_APP_NAME && env.FLY_MACHINE_ID),
  async getSubjectToken(ask2, here) {
    const body = JSON.stringify({ aud: audienceNeeded(name9, ask2) });
    const headers2 = { host: "localhost", "content-type": "application/json" };
    const signal = AbortSignal.any([ask2.signal, AbortSignal.timeout(patience)]);
    const request = { method: "POST", path: "/v1/tokens/oidc", headers: headers2, body, signal };
    const { status, text } = await here.ask(socket, request).catch((cause) => {
      ask2.signal.throwIfAborted();
      throw new SubjectTokenError(name9, `nobody answers at ${socket}`, {
        code: "platform_unavailable",
        isUnavailable: true,
        hint: "it is in every machine, and not in a container inside one; the user that the program runs as has to be able to open it",
        cause
      });
    });
    if (status === 200) return { token: text.trim() };
    throw new SubjectTokenError(name9, `${socket} gave no token (${status})`, { isUnavailable: isPassing(status) });
  }
};

// src/client/sources/gcp.ts
var name10 = "gcp";
var what3 = "the metadata server";
var headers = { "metadata-flavor": "Google" };
var variables2 = ["GCE_METADATA_HOST", "GCE_METADATA_IP", "K_SERVICE", "CLOUD_RUN_JOB", "CLOUD_RUN_WORKER_POOL"];
var gcp = {
  name: name10,
  missing: "no variable of Cloud Run is set, and the machine is none of Google",
  detect: async (here) => variables2.some((variable2) => here.env[variable2]) || await firmwareSays(here, "product_name", ["Google", "Google Compute Engine"]),
  async getSubjectToken(ask2, here) {
    const audience = audienceNeeded(name10, ask2);
    const at = server(here.env);
    await knock2(here, at, ask2.signal);
    const url = new URL("/computeMetadata/v1/instance/service-accounts/default/identity", at);
    url.searchParams.set("audience", audience);
    url.searchParams.set("format", "full");
    const { status, text } = await callPlatform(name10, here, { what: what3, url, headers, signal: ask2.signal });
    if (status !== 200) throw refused2(status);
    return { token: text.trim() };
  }
};
function server({ GCE_METADATA_IP, GCE_METADATA_HOST }) {
  const host = GCE_METADATA_IP || GCE_METADATA_HOST || "metadata.google.internal";
  return platformUrl(name10, "GCE_METADATA_HOST", /^https?:\/\//.test(host) ? host : `http://${host}`);
}
async function knock2(here, at, signal) {
  const hint = "on Google Cloud, a network policy may keep us from the metadata server; elsewhere, name another source with COUNTERSIGN_SOURCE";
  const call2 = { what: what3, url: at, headers, signal, timeout: metadataTimeout, whenSilent: hint };
  const answer = await callPlatform(name10, here, call2);
  if (answer.headers.get("metadata-flavor") !== "Google")
    throw new SubjectTokenError(name10, `${at.host} answers, and is not Google's metadata server`, { hint });
}
function refused2(status) {
  if (status === 404)
    return new SubjectTokenError(name10, "no service account stands behind this workload", {
      code: "no_platform_identity",
      hint: "attach a service account to the machine or service; on GKE turn on workload identity and annotate the Kubernetes service account with iam.gke.io/gcp-service-account"
    });
  return new SubjectTokenError(name10, `the metadata server gave no token (${status})`, {
    isUnavailable: isPassing(status),
    hint: status === 403 ? "on GKE the Kubernetes service account needs roles/iam.workloadIdentityUser on the service account that it is annotated with" : void 0
  });
}

// src/client/sources/gitlab.ts
var name11 = "gitlab";
var gitlab = {
  name: name11,
  missing: 'GITLAB_CI is not "true"',
  whenExpired: "GitLab ID tokens live as long as the job; exchange early or raise the TTL",
  detect: ({ env }) => env.GITLAB_CI === "true",
  async getSubjectToken({ audience }, { env }) {
    const names = ["COUNTERSIGN_ID_TOKEN", ...audience ? [variableFor(audience)] : []];
    const token = names.map((one) => env[one]).find((value) => value?.trim());
    if (token) return { token };
    throw new SubjectTokenError(name11, `the job has no ID token for us (${names.join(", ")})`, {
      code: "permission_missing",
      hint: `add to the job: id_tokens: { COUNTERSIGN_ID_TOKEN: { aud: '${audience ?? "URL OF THE ORGANIZATION"}' } }`
    });
  }
};
function variableFor(audience) {
  return `${audience.toUpperCase().replace(/[^A-Z0-9_]|^[^A-Z_]/g, "_")}_ID_TOKEN`;
}

// src/client/sources/hcp-terraform.ts
var name12 = "hcp-terraform";
var hcpTerraform = {
  name: name12,
  missing: "TFC_RUN_ID is not set",
  whenExpired: "HCP Terraform gives each phase of a run one token, and never another: exchange it early in the phase",
  detect: ({ env }) => Boolean(env.TFC_RUN_ID),
  async getSubjectToken(ask2, { env }) {
    const { audience } = ask2;
    const ours = env.TFC_WORKLOAD_IDENTITY_TOKEN_COUNTERSIGN;
    if (ours?.trim()) return { token: ours };
    const hint = `set a variable of the workspace (category environment): TFC_WORKLOAD_IDENTITY_AUDIENCE_COUNTERSIGN = ${audience ?? "URL OF THE ORGANIZATION"}`;
    const token = env.TFC_WORKLOAD_IDENTITY_TOKEN;
    if (!token?.trim())
      throw new SubjectTokenError(name12, "the run has no workload identity token", { code: "permission_missing", hint });
    const has = audienceOf(token);
    if (has.length > 0 && !has.includes(audienceNeeded(name12, ask2)))
      throw new SubjectTokenError(
        name12,
        `TFC_WORKLOAD_IDENTITY_TOKEN is for ${has.join(", ")}, and not for ${audience}`,
        {
          code: "subject_token_misaddressed",
          hint
        }
      );
    return { token };
  }
};

// src/client/sources/identity-token.ts
var identityToken = {
  name: "identity-token",
  missing: "COUNTERSIGN_IDENTITY_TOKEN is not set",
  whenExpired: "the environment of a process does not change: where a job outlives its token, give it a file by COUNTERSIGN_IDENTITY_TOKEN_FILE",
  detect: ({ env }) => Boolean(env.COUNTERSIGN_IDENTITY_TOKEN?.trim()),
  async getSubjectToken(_ask, { env }) {
    const token = env.COUNTERSIGN_IDENTITY_TOKEN;
    if (!token?.trim())
      throw new SubjectTokenError("identity-token", "COUNTERSIGN_IDENTITY_TOKEN is not set", {
        code: "subject_token_missing"
      });
    return { token };
  }
};

// src/client/sources/identity-token-file.ts
var identityTokenFile = {
  name: "identity-token-file",
  missing: "COUNTERSIGN_IDENTITY_TOKEN_FILE is not set",
  whenExpired: "whatever writes the file that COUNTERSIGN_IDENTITY_TOKEN_FILE names has stopped writing: it has to put a new token there before the old one ends",
  detect: ({ env }) => Boolean(env.COUNTERSIGN_IDENTITY_TOKEN_FILE?.trim()),
  async getSubjectToken(_ask, here) {
    const path = here.env.COUNTERSIGN_IDENTITY_TOKEN_FILE?.trim();
    if (!path)
      throw new SubjectTokenError("identity-token-file", "COUNTERSIGN_IDENTITY_TOKEN_FILE is not set", {
        code: "subject_token_missing"
      });
    const token = await readTokenFile("identity-token-file", path, here);
    if (token === void 0)
      throw new SubjectTokenError("identity-token-file", `there is no file ${shownPath(path)}`, {
        code: "subject_token_missing",
        hint: "COUNTERSIGN_IDENTITY_TOKEN_FILE names it; whatever writes it has to run before this (a token itself goes into COUNTERSIGN_IDENTITY_TOKEN)"
      });
    return { token };
  }
};

// src/client/sources/kubernetes.ts
var name13 = "kubernetes";
var projectedTokenFile = "/var/run/secrets/countersign/token";
var defaultTokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";
var kubernetes = {
  name: name13,
  missing: `KUBERNETES_SERVICE_HOST is not set, and there is no ${projectedTokenFile}`,
  whenExpired: "the kubelet should have replaced the file: the node is in trouble, or the file is a copy",
  detect: async (here) => Boolean(here.env.KUBERNETES_SERVICE_HOST) || await here.readFile(projectedTokenFile) !== void 0,
  async getSubjectToken({ audience }, here) {
    const projected = await readTokenFile(name13, projectedTokenFile, here);
    if (projected !== void 0) {
      const has2 = audienceOf(projected);
      if (audience === void 0 || has2.includes(audience)) return { token: projected };
      throw new SubjectTokenError(name13, `${projectedTokenFile} is ${forWhom(has2)}, and not for ${audience}`, {
        code: "subject_token_misaddressed",
        hint: `set the \`audience\` of the volume to ${audience}, or COUNTERSIGN_AUDIENCE to what it has`
      });
    }
    const standard = await readTokenFile(name13, defaultTokenFile, here);
    const has = standard === void 0 ? [] : audienceOf(standard);
    if (standard !== void 0 && has.length === 1 && has[0] === audience) return { token: standard };
    const happened = standard === void 0 ? "there is no token for us in this pod" : `the pod's own token is ${forWhom(has)}, and not for us: it is not sent`;
    throw new SubjectTokenError(name13, happened, {
      code: standard === void 0 ? "subject_token_missing" : "subject_token_misaddressed",
      hint: `add to the pod, mounted at /var/run/secrets/countersign, the volume ${volume(audience)}${await otherWay(here)}`,
      docs: "how-to/providers/kubernetes.md"
    });
  }
};
var forWhom = (has) => has.length === 0 ? "for nobody in particular" : `for ${has.join(", ")}`;
var volume = (audience = "https://HOST/orgs/NAME") => `{ name: countersign, projected: { sources: [{ serviceAccountToken: { path: token, audience: '${audience.replaceAll("'", "''")}', expirationSeconds: 3600 } }] } }`;
async function otherWay(here) {
  const { env } = here;
  const isAzure = await azureAppService.detect?.(here) || Boolean(env.AZURE_FEDERATED_TOKEN_FILE && env.AZURE_CLIENT_ID);
  const found = [
    await gcp.detect?.(here) && "gcp",
    (await aws.detect?.(here) || env.AWS_WEB_IDENTITY_TOKEN_FILE) && "aws",
    isAzure && "azure-imds"
  ].filter(Boolean);
  return found.length === 0 ? "" : `; or let the cloud below say who the pod is: COUNTERSIGN_SOURCE=${found.join(" or ")}`;
}

// src/client/sources/spiffe.ts
var name14 = "spiffe";
var variable = "COUNTERSIGN_SPIFFE_TOKEN_FILE";
var spiffe = {
  name: name14,
  missing: `neither ${variable} nor SPIFFE_ENDPOINT_SOCKET is set`,
  whenExpired: "spiffe-helper has stopped renewing it: it has to run beside this program, with daemon_mode = true",
  // The socket may be there for something else, where a token of Kubernetes was mounted for us.
  detect: async (here) => Boolean(here.env[variable]) || Boolean(here.env.SPIFFE_ENDPOINT_SOCKET) && await here.readFile(projectedTokenFile) === void 0,
  async getSubjectToken({ audience }, here) {
    const helper = `jwt_svids = [{ jwt_audience = "${audience ?? "https://HOST/orgs/NAME"}", jwt_svid_file_name = "countersign.jwt" }]`;
    const path = here.env[variable];
    if (!path)
      throw new SubjectTokenError(
        name14,
        "the Workload API is not spoken here, but the file that spiffe-helper writes is read",
        {
          code: "platform_not_enabled",
          hint: `run spiffe-helper beside this program with \`${helper}\`, and set ${variable} to the file; or name another source with COUNTERSIGN_SOURCE`
        }
      );
    const token = await readTokenFile(name14, path, here);
    if (token === void 0)
      throw new SubjectTokenError(name14, `there is no file ${path}`, {
        code: "subject_token_missing",
        hint: `${variable} names it; spiffe-helper has to write it before this runs: \`${helper}\``
      });
    const has = audienceOf(token);
    if (audience === void 0 || has.length === 0 || has.includes(audience)) return { token };
    throw new SubjectTokenError(name14, `the token in ${path} is for ${has.join(", ")}, and not for ${audience}`, {
      code: "subject_token_misaddressed",
      hint: `set jwt_audience in the configuration of spiffe-helper: \`${helper}\`; or COUNTERSIGN_AUDIENCE to what it has`
    });
  }
};

// src/client/sources/vercel.ts
var name15 = "vercel";
var header = "x-vercel-oidc-token";
function vercel({ headers: headers2 } = {}) {
  return {
    name: name15,
    missing: 'VERCEL is not "1", and there is no VERCEL_OIDC_TOKEN',
    whenExpired: "in a function, ask within a request (`vercel({ headers })`); on your own machine, run `vercel env pull` again",
    detect: (here) => here.env.VERCEL === "1" || Boolean(here.env.VERCEL_OIDC_TOKEN || here.env.VERCEL_OIDC_TOKEN_FILE || inHeaders(headers2, here)),
    async getSubjectToken(ask2, here) {
      const token = inHeaders(headers2, here) ?? await inFile(here) ?? here.env.VERCEL_OIDC_TOKEN?.trim();
      if (token) return { token: await forAudience(token, ask2, here) };
      throw new SubjectTokenError(name15, "there is no token in this request, nor in VERCEL_OIDC_TOKEN", {
        code: "permission_missing",
        hint: 'turn on "Secure backend access with OIDC federation" in the project; in a function, ask within a request and give its headers: `vercel({ headers })`'
      });
    }
  };
}
function inHeaders(headers2, here) {
  const given = headers2 ?? here.requestHeaders?.();
  const value = given instanceof Headers ? given.get(header) : given?.[header];
  return (typeof value === "string" ? value : value?.[0])?.trim() || void 0;
}
async function inFile(here) {
  const path = here.env.VERCEL_OIDC_TOKEN_FILE;
  if (!path) return void 0;
  const token = (await readTokenFile(name15, path, here))?.trim();
  if (token) return token;
  throw new SubjectTokenError(name15, `${path} is ${token === void 0 ? "not there" : "empty"}`, {
    hint: "VERCEL_OIDC_TOKEN_FILE names it"
  });
}
async function forAudience(token, ask2, here) {
  const { signal } = ask2;
  const has = audienceOf(token);
  const audience = audienceNeeded(name15, ask2);
  if (has.length === 1 && has[0] === audience) return token;
  const { status, text } = await callPlatform(name15, here, {
    what: "Vercel",
    url: new URL("https://oidc.vercel.com/~token"),
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ token, aud: audience }),
    signal
  });
  const exchanged = membersOf(text).token;
  if (status >= 200 && status < 300 && typeof exchanged === "string") return exchanged;
  throw new SubjectTokenError(name15, `Vercel gave no token for ${audience} (${status})`, {
    isUnavailable: isPassing(status),
    hint: `it may have expired (\`vercel env pull\`); or let the issuer accept the token as it is, and set COUNTERSIGN_AUDIENCE to ${has.join(", ")}`
  });
}

// src/client/sources/ambient.ts
var sourceNames = [
  "identity-token-file",
  "identity-token",
  "api-key",
  "github-actions",
  "gitlab",
  "circleci",
  "buildkite",
  "bitbucket",
  "azure-pipelines",
  "hcp-terraform",
  "fly",
  "vercel",
  "azure-app-service",
  "spiffe",
  "kubernetes",
  "gcp",
  "aws",
  "azure-imds"
];
var sources = {
  "identity-token-file": identityTokenFile,
  "identity-token": identityToken,
  "api-key": apiKey,
  "github-actions": githubActions,
  gitlab,
  circleci,
  buildkite,
  bitbucket,
  "azure-pipelines": azurePipelines,
  "hcp-terraform": hcpTerraform,
  fly,
  vercel: vercel(),
  "azure-app-service": azureAppService,
  spiffe,
  kubernetes,
  gcp,
  aws,
  "azure-imds": azureImds
};

// src/client/sources/judged.ts
var longest4 = 16384;
function judged({ name: name16, whenExpired }, { token: written, type = "jwt", hint }, { audience, now }) {
  if (typeof written !== "string") throw new SubjectTokenError(name16, "what it gave is not text");
  const token = written.trim();
  if (token === "") throw new SubjectTokenError(name16, "the token is empty", { code: "subject_token_empty" });
  if (token.length > longest4)
    throw new SubjectTokenError(name16, `the token is longer than ${longest4} bytes`, { code: "subject_token_too_long" });
  if (type === "api_key") return { token: keyOf2(name16, token), type, source: name16, ...hint && { hint } };
  const claims = claimsOf(token);
  if (!claims)
    throw new SubjectTokenError(name16, "what it gave is not a JWT (three parts of base64url, with a point between)", {
      code: "subject_token_malformed",
      hint: "is it an API key? that belongs in COUNTERSIGN_API_KEY"
    });
  const { exp } = claims;
  if (typeof exp === "number" && exp * 1e3 <= now)
    throw new SubjectTokenError(name16, `the token has expired ${ago(now - exp * 1e3)} ago`, {
      code: "subject_token_expired",
      hint: whenExpired ?? "the platform has just given it: is the clock of this machine ahead?"
    });
  const advice = hint ?? (audience === void 0 ? void 0 : misaddressed(audienceOf(token), audience));
  return { token, type, source: name16, ...advice && { hint: advice } };
}
function keyOf2(source4, key) {
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new SubjectTokenError(source4, "the API key has white space or control characters in it", {
      code: "api_key_malformed"
    });
  return key;
}
function misaddressed(has, wanted) {
  if (has.includes(wanted)) return void 0;
  const is = has.length === 0 ? "the token names no audience" : `the token is for ${has.join(", ")}`;
  return `${is}, and not for ${wanted}: have it made for that, or let the issuer accept what it has`;
}
function ago(ms) {
  const seconds2 = Math.max(1, Math.round(ms / 1e3));
  if (seconds2 < 120) return `${seconds2} s`;
  const minutes = Math.round(seconds2 / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

// src/client/sources/find.ts
function createSubjectFinder(source4, here) {
  const wanted = source4 ?? (here.env.COUNTERSIGN_SOURCE?.trim() || "auto");
  if (wanted === "auto")
    return async (ask2) => {
      const conflict = conflictOf(here);
      if (conflict) throw conflict;
      return firstAtHome(await lookedFor(ambient(), here, { isFirst: true, without: named }), ask2, here);
    };
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) throw new ConfigError("`source` is an empty list: no source is left");
    const listed = wanted.map(sourceOf);
    return async (ask2) => firstAtHome(await lookedFor(listed, here, { isFirst: true }), ask2, here);
  }
  const one = sourceOf(wanted);
  return (ask2) => subjectOf2(one, ask2, here);
}
function conflictOf({ env }) {
  const isSet = (name16) => Boolean(env[name16]?.trim());
  const identity = ["COUNTERSIGN_IDENTITY_TOKEN_FILE", "COUNTERSIGN_IDENTITY_TOKEN"].find(isSet);
  if (!identity || !isSet("COUNTERSIGN_API_KEY")) return void 0;
  return new ConfigError(`both ${identity} and COUNTERSIGN_API_KEY are set`, {
    code: "conflicting_credentials",
    hint: "unset one of them, or say which by COUNTERSIGN_SOURCE (identity-token-file, identity-token, api-key)"
  });
}
var ambient = () => sourceNames.map((name16) => sources[name16]);
var named = "it has to be named";
async function lookedFor(listed, here, { isFirst, without }) {
  const tried = [];
  let home;
  for (const source4 of listed) {
    const { name: name16, missing = "it is not detected" } = source4;
    const isHome = source4.detect ? await isAtHome(source4, here) : without === void 0;
    if (!isHome) tried.push({ source: name16, why: source4.detect ? missing : without });
    else if (home) tried.push({ source: name16, why: `${home.name} comes first` });
    else home = source4;
    if (home && isFirst) break;
  }
  return home ? { source: home, tried } : { tried };
}
async function isAtHome(source4, here) {
  try {
    return await source4.detect?.(here) === true;
  } catch {
    return false;
  }
}
function firstAtHome({ source: source4, tried }, ask2, here) {
  if (source4) return subjectOf2(source4, ask2, here);
  const list = tried.map(({ source: name16, why }) => `${name16} (${why})`).join(", ");
  throw new NoAmbientCredentialError(`nothing here says who this workload is. Looked for: ${list}`, {
    tried,
    hint: "in a job, let its platform give it a token; elsewhere set COUNTERSIGN_IDENTITY_TOKEN_FILE or COUNTERSIGN_API_KEY"
  });
}
async function subjectOf2(source4, ask2, here) {
  ask2.signal.throwIfAborted();
  let subject;
  try {
    subject = await source4.getSubjectToken(ask2, here);
  } catch (error) {
    if (isLate(ask2.signal))
      throw new SubjectTokenError(source4.name, "no token came in time", {
        code: "platform_unavailable",
        isUnavailable: true,
        hint: "it is the platform that did not answer, and not the service",
        cause: ask2.signal.reason
      });
    if (error instanceof FederationError) throw error;
    ask2.signal.throwIfAborted();
    throw new SubjectTokenError(source4.name, "it failed", { cause: error });
  }
  return judged(source4, subject, { audience: ask2.audience, now: here.now() });
}
function isLate({ aborted, reason }) {
  return aborted && reason?.code === "timeout";
}
function sourceOf(source4) {
  if (typeof source4 !== "string") {
    if (typeof source4?.name === "string" && typeof source4.getSubjectToken === "function") return source4;
    throw new ConfigError("a source is a name, or has a `name` and `getSubjectToken`");
  }
  const known2 = Object.hasOwn(sources, source4) ? sources[source4] : void 0;
  if (known2) return known2;
  const name16 = /^[\w-]{1,40}$/.test(source4) ? `"${source4}"` : "of that name";
  throw new ConfigError(`there is no source ${name16}`, {
    hint: `auto, or one of: ${sourceNames.join(", ")}`
  });
}

// src/client/surroundings.ts
var longest5 = 1048576;
function ownSurroundings() {
  return {
    env: globalThis.process?.env ?? {},
    readFile,
    // Called as it is: some runtimes want it without a `this`, and a test may have put another in its place.
    fetch: (input, init) => globalThis.fetch(input, init),
    run,
    ask,
    now: () => Date.now(),
    requestHeaders
  };
}
async function readFile(path) {
  const { open } = await import("node:fs/promises");
  let file;
  try {
    file = await open(path, "r");
  } catch (error) {
    const { code: code2 } = error;
    if (code2 === "ENOENT" || code2 === "ENOTDIR") return void 0;
    throw error;
  }
  try {
    const buffer = new Uint8Array(longest5 + 1);
    let length = 0;
    for (; ; ) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (length > longest5) throw new Error(`${path} is longer than ${longest5} bytes`);
      if (bytesRead === 0) return new TextDecoder().decode(buffer.subarray(0, length));
    }
  } finally {
    await file.close();
  }
}
async function run(program, args, signal) {
  const { execFile } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    execFile(program, args, { signal, maxBuffer: longest5, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stderr: String(stderr) }));
      else resolve(String(stdout));
    });
  });
}
async function ask(socket2, { method, path, headers: headers2, body, signal }) {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket2, method, path, headers: headers2, signal }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => {
        text += piece;
        if (text.length > longest5) answer.destroy(new Error(`the answer is longer than ${longest5} bytes`));
      });
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
function requestHeaders() {
  const known2 = globalThis;
  return known2[/* @__PURE__ */ Symbol.for("@vercel/request-context")]?.get?.()?.headers;
}

// src/client/wait-for.ts
function waitFor(work, signal) {
  if (signal === void 0) return work;
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason);
    if (signal.aborted) return give();
    signal.addEventListener("abort", give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}

// src/client/token-provider.ts
var firstQuiet = 2e3;
var longestQuiet = 6e4;
var refusedFor = 1e3;
function createTokenProvider(options = {}) {
  const here = options.surroundings ?? ownSurroundings();
  const { now } = here;
  const settings = settingsOf(options, here.env);
  const findSubject = createSubjectFinder(options.source, here);
  const cache = openFileCache(options.cache, settings, here);
  const listeners = createListeners();
  const givenOut = createGivenOut(now);
  const needs = { settings, here, random: Math.random };
  let held;
  let refused3;
  let quiet;
  let failures = 0;
  const refresher = createRefresher({
    timeout: settings.timeout,
    now,
    random: Math.random,
    async work(signal, isForced, isCurrent) {
      const found = await findSubject({ audience: settings.audience, signal });
      const kept = await cache?.read(found, isForced);
      if (kept !== void 0 && isKnownAge(kept.times, now()) && now() < kept.times.advisory) {
        givenOut.add(kept);
        return heldOf(kept);
      }
      const obtained = await exchange(needs, found, signal);
      givenOut.add(obtained);
      if (isCurrent()) await cache?.write(found, obtained);
      return heldOf(obtained);
    },
    obtained(token) {
      held = token;
      refused3 = void 0;
      failures = 0;
      quiet = void 0;
      listeners.tell("refresh", { token: token.shown });
    },
    failed({ error, attempt, retryInMs }) {
      if (retryInMs === void 0) {
        const wanted = (error.retryAfter ?? 0) * 1e3;
        if (!isRetryable(error) || wanted > 0) refused3 = { what: error, from: now(), ms: wanted || refusedFor };
        const ms = Math.max(Math.min(firstQuiet * 2 ** failures++, longestQuiet), wanted);
        quiet = { what: true, from: now(), ms };
      }
      listeners.tell("refreshFailed", { error, attempt, retryInMs, isServed: alive() !== void 0 });
    }
  });
  function during(span) {
    return span !== void 0 && now() >= span.from && now() < span.from + span.ms ? span.what : void 0;
  }
  function alive() {
    if (held === void 0) return void 0;
    const { times } = held.obtained;
    return isKnownAge(times, now()) && now() < times.expiry ? held : void 0;
  }
  function servable(least) {
    const found = alive();
    if (found === void 0) return void 0;
    const { mandatory, obtained, expiry } = found.obtained.times;
    const latest = least === void 0 ? mandatory : Math.min(mandatory, expiry - Math.min(least, (expiry - obtained) * 0.8));
    return now() < latest ? found : void 0;
  }
  async function fetched(refresh, signal, mayServe) {
    const release = refresh.hold();
    try {
      if (mayServe && await waitFor(refresh.isDelayed, signal)) {
        const last = alive();
        if (last !== void 0) return last.shown;
      }
      return (await waitFor(refresh.done, signal)).shown;
    } catch (error) {
      return lastUpon(error, mayServe).shown;
    } finally {
      release();
    }
  }
  function lastUpon(error, mayServe) {
    const isOfPlatform = error instanceof SubjectTokenError;
    const last = mayServe && (isRetryable(error) || isOfPlatform) ? alive() : void 0;
    if (last === void 0) throw error;
    return last;
  }
  const provider = {
    getToken(ask2) {
      if (ask2 === void 0) {
        const found = servable(void 0);
        if (found !== void 0 && now() < found.obtained.times.advisory) return found.served;
      }
      return slowly(ask2 ?? {});
    },
    peek: () => servable(void 0)?.shown,
    invalidate() {
      held = void 0;
      refused3 = void 0;
      quiet = void 0;
      refresher.overtake();
    },
    fetch: (input, init) => send(input, init),
    on: listeners.on,
    async revoke() {
      const tokens = givenOut.take();
      provider.invalidate();
      await cache?.forget();
      const signal = AbortSignal.timeout(settings.timeout);
      const ended = await Promise.allSettled(tokens.map((token) => revoke(needs, token, signal)));
      for (const each of ended) if (each.status === "rejected") throw each.reason;
    },
    async [Symbol.asyncDispose]() {
      refresher.close(new ConfigError("the token provider was disposed of", { code: "disposed" }));
      listeners.clear();
    }
  };
  const send = authorizedFetch(provider, here);
  async function slowly({ signal, forceRefresh = false, minTtlSeconds }) {
    signal?.throwIfAborted();
    if (forceRefresh) return fetched(refresher.refresh(true), signal, false);
    const least = minTtlSeconds === void 0 ? void 0 : minTtlSeconds * 1e3;
    const found = servable(least);
    if (found !== void 0) {
      if (now() >= found.obtained.times.advisory && !during(quiet)) refresher.refresh();
      return found.shown;
    }
    const error = during(refused3);
    if (error !== void 0) return lastUpon(error, least === void 0).shown;
    const fresh = await fetched(refresher.refresh(), signal, least === void 0);
    return least === void 0 || cache === void 0 || servable(least) !== void 0 ? fresh : fetched(refresher.refresh(true), signal, false);
  }
  return provider;
}
function heldOf(obtained) {
  const shown3 = accessTokenOf(obtained);
  return { shown: shown3, served: Promise.resolve(shown3), obtained };
}
var isRetryable = (error) => error instanceof FederationError && error.retryable;

// deploy/ci/github/src/claim-lines.ts
var shown2 = [
  "iss",
  "aud",
  "sub",
  "repository",
  "repository_id",
  "repository_owner",
  "repository_owner_id",
  "repository_visibility",
  "ref",
  "ref_type",
  "ref_protected",
  "base_ref",
  "head_ref",
  "environment",
  "event_name",
  "workflow_ref",
  "job_workflow_ref",
  "runner_environment",
  "actor",
  "run_id",
  "run_attempt"
];
function claimLines(claims) {
  const named2 = shown2.filter((name16) => claims[name16] !== void 0 && claims[name16] !== "");
  const { exp } = claims;
  return [
    ...named2.map((name16) => `${name16}: ${textOf3(claims[name16])}`),
    ...typeof exp === "number" ? [`exp: ${dateOf(exp)}`] : []
  ];
}
var dateOf = (seconds2) => Math.abs(seconds2) <= 864e10 ? new Date(seconds2 * 1e3).toISOString() : String(seconds2);
var textOf3 = (value) => typeof value === "string" ? value : JSON.stringify(value);

// deploy/ci/github/src/complaint.ts
function complain(runner, error) {
  const { title, message } = complaintOf(error);
  runner.error(title, message);
}
function complaintOf(error) {
  if (!(error instanceof FederationError))
    return { title: "Countersign", message: error instanceof Error ? error.message : String(error) };
  const { code: code2, message, hint, requestId, category } = error;
  const trace = requestId === void 0 ? [] : category === "denied" ? [`Request ${requestId}: an admin of the organization sees why with \`countersign explain ${requestId}\`.`] : [`Request ${requestId}.`];
  return { title: `Countersign: ${code2}`, message: [sentence(message), ...hint ? [hint] : [], ...trace].join("\n") };
}
var sentence = (text) => /[.!?]$/.test(text) ? text : `${text}.`;

// deploy/ci/github/src/inputs.ts
var exportForms = ["env", "output", "file", "none"];
function readInputs(runner) {
  const given = (name16) => runner.input(name16) || void 0;
  const url = given("url");
  if (url === void 0)
    throw new ConfigError("the input url is empty", {
      hint: "Give the organization’s URL, as in https://countersign.example/orgs/acme. A secret or variable that is not set is empty."
    });
  return {
    url,
    serviceAccount: given("service-account"),
    scope: given("scope"),
    audience: given("audience"),
    target: given("target"),
    ttl: seconds(given("token-ttl")),
    exportForm: oneOf("export", exportForms, given("export") ?? "env"),
    expected: given("expected-service-account"),
    isRevoked: oneOf("revoke-on-finish", ["true", "false"], given("revoke-on-finish")?.toLowerCase() ?? "true") === "true"
  };
}
function oneOf(name16, words, given) {
  const word = words.find((one) => one === given);
  if (word === void 0) throw new ConfigError(`the input ${name16} is one of ${words.join(", ")}`);
  return word;
}
function seconds(given) {
  if (given === void 0) return void 0;
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new ConfigError("the input token-ttl is a number of seconds");
  return Number(given);
}

// deploy/ci/github/src/revoke-token.ts
var patience2 = 1e4;
async function revokeToken(url, token) {
  const { base } = parseServiceUrl(url);
  const form = new URLSearchParams({ token, token_type_hint: "access_token" });
  const signal = AbortSignal.timeout(patience2);
  const { status, headers: headers2 } = await post(ownSurroundings(), `${base}/oauth/revoke`, form, signal);
  if (status === 200) return;
  const requestId = headers2.get("x-request-id") ?? void 0;
  throw new ServerUnavailableError(`${base} answered ${status}`, { code: "not_revoked", requestId });
}

// deploy/ci/github/src/summary.ts
function summaryOf({ account, id, expiresAt, requestId }) {
  const rows = [
    ["Service account", account === "" ? code(id) : `${code(account)} ${code(id)}`],
    ["Expires", code(expiresAt.toISOString())],
    ["Request", code(requestId)]
  ];
  return ["### Countersign", "", "| | |", "|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`), ""].join("\n");
}
var code = (text) => `\`${text.replaceAll(/[`|\r\n]/g, " ")}\``;

// deploy/ci/github/src/begin.ts
async function begin(runner, env) {
  try {
    runner.save("phase", "finish");
    needsPermission(env);
    const inputs = readInputs(runner);
    const token = await exchange2(runner, inputs);
    await expectAccount(token, inputs);
    runner.save("url", inputs.url);
    if (inputs.isRevoked) runner.save("token", token.token);
    tell(runner, token);
    hand(runner, env, inputs.exportForm, token.token);
    return 0;
  } catch (error) {
    complain(runner, error);
    return 1;
  }
}
function needsPermission(env) {
  if (env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) return;
  const fork = env.GITHUB_EVENT_NAME?.startsWith("pull_request") ? " A pull request from a fork never gets one: run this step where the branch is your own." : "";
  throw new ConfigError("this job may not ask for an ID token", {
    code: "permission_missing",
    hint: env.FORGEJO_ACTIONS === "true" ? "Give the job `enable-openid-connect: true`." : `Give the job \`permissions: id-token: write\` (and \`contents: read\`, which is no longer there by itself).${fork}`
  });
}
async function exchange2(runner, inputs) {
  const { url, serviceAccount, scope, audience, target, ttl } = inputs;
  let claims;
  const source4 = {
    ...githubActions,
    async getSubjectToken(ask2, here) {
      const subject = await githubActions.getSubjectToken(ask2, here);
      runner.mask(subject.token.trim());
      claims = claimsOf(subject.token.trim());
      return subject;
    }
  };
  const provider = createTokenProvider({ url, serviceAccount, source: source4, scope, audience, target, ttl });
  try {
    const token = await provider.getToken();
    runner.mask(token.token);
    return token;
  } finally {
    await provider[Symbol.asyncDispose]();
    if (claims) runner.group("What the job’s ID token says", claimLines(claims));
  }
}
async function expectAccount({ token, serviceAccountId, requestId }, { expected, url }) {
  if (expected === void 0) return;
  const { sub, team, name: name16 } = claimsOf(token) ?? {};
  if (sub === expected || team && `${team}/${name16}` === expected) return;
  const revoked = await revokeToken(url, token).then(
    () => "its token is revoked",
    () => "its token could not be revoked, and ends by itself"
  );
  const became = team ? `${team}/${name16} (${sub})` : serviceAccountId ?? "an account that the token does not name";
  throw new ConfigError(`the job has become ${became} and not ${expected}; ${revoked}`, {
    code: "unexpected_service_account",
    hint: "Name the account in service-account, or look which trust policies the job’s ID token fits.",
    requestId
  });
}
function tell(runner, token) {
  const { expiresAt, serviceAccountId = "", requestId = "" } = token;
  runner.output("expires-at", expiresAt.toISOString());
  runner.output("service-account-id", serviceAccountId);
  runner.output("request-id", requestId);
  const { team, name: name16 } = claimsOf(token.token) ?? {};
  const account = team ? `${team}/${name16}` : "";
  runner.group(`An access token for ${account || serviceAccountId}`, [
    `account: ${serviceAccountId}`,
    `scope:   ${token.scopes.join(" ")}`,
    `expires: ${expiresAt.toISOString()}`,
    `request: ${requestId}`
  ]);
  runner.summary(summaryOf({ account, id: serviceAccountId, expiresAt, requestId }));
}
function hand(runner, env, form, token) {
  if (form === "env") runner.variable("COUNTERSIGN_ACCESS_TOKEN", token);
  if (form === "output") runner.output("token", token);
  if (form !== "file") return;
  const folder = join(env.RUNNER_TEMP || tmpdir(), `countersign-${randomUUID()}`);
  runner.save("folder", folder);
  mkdirSync(folder, { mode: 448 });
  const file = join(folder, "token");
  writeFileSync(file, token, { mode: 384, flag: "wx" });
  runner.output("credentials-file", file);
  runner.variable("COUNTERSIGN_ACCESS_TOKEN_FILE", file);
}

// deploy/ci/github/src/finish.ts
import { rmSync } from "node:fs";
async function finish(runner) {
  const token = runner.state("token");
  if (token !== "") {
    try {
      await revokeToken(runner.state("url"), token);
      runner.say("The access token is revoked.");
    } catch (error) {
      runner.warning("Countersign: not revoked", `${complaintOf(error).message}
The access token ends by itself.`);
    }
  }
  const folder = runner.state("folder");
  if (folder !== "") {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      runner.warning("Countersign: not removed", `${folder} is still there: ${error.code}`);
    }
  }
  return 0;
}

// deploy/ci/github/src/runner.ts
import { randomUUID as randomUUID2 } from "node:crypto";
import { appendFileSync } from "node:fs";
import { EOL } from "node:os";
function createRunner(env, write) {
  const command = (name16, data, properties = {}) => {
    const given = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(value)}`);
    write(`::${name16}${given.length > 0 ? ` ${given.join(",")}` : ""}::${escaped(data)}${EOL}`);
  };
  const annotation = (level) => (title, message) => command(level, message, { title });
  const keep = (file) => (name16, value) => append(env, file, entry(name16, value));
  const say = (line) => write(`${plain(line)}${EOL}`);
  return {
    input: (name16) => env[`INPUT_${name16.replaceAll(" ", "_").toUpperCase()}`]?.trim() ?? "",
    state: (name16) => env[`STATE_${name16}`] ?? "",
    mask: (secret2) => command("add-mask", secret2),
    say,
    group(title, lines) {
      command("group", title);
      for (const line of lines) say(line);
      command("endgroup", "");
    },
    error: annotation("error"),
    warning: annotation("warning"),
    output: keep("GITHUB_OUTPUT"),
    variable: keep("GITHUB_ENV"),
    save: keep("GITHUB_STATE"),
    summary(markdown) {
      if (env.GITHUB_STEP_SUMMARY) append(env, "GITHUB_STEP_SUMMARY", markdown);
    }
  };
}
var escaped = (text) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
var escapedProperty = (text) => escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
var plain = (line) => `  ${line.replaceAll(/[\r\n]+/g, " ").replace(/^\s*::/, ": :").replaceAll("##[", "## [")}`;
function entry(name16, value) {
  const end = `end_${randomUUID2()}`;
  return `${name16}<<${end}${EOL}${value}${EOL}${end}${EOL}`;
}
function append(env, variable2, text) {
  const file = env[variable2];
  if (!file) throw new Error(`${variable2} is not set: an action is run by a runner`);
  appendFileSync(file, text, "utf8");
}

// deploy/ci/github/src/main.ts
var thisStep = createRunner(process.env, (text) => process.stdout.write(text));
var isAfterTheJob = thisStep.state("phase") === "finish";
process.exitCode = await (isAfterTheJob ? finish(thisStep) : begin(thisStep, process.env));

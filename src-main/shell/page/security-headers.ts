/**
 * What every answer to the page carries. Scripts come from the application alone and none is made at run time; styles may be
 * set on elements, which positioned menus need; pictures may be drawn from data; nothing may be fetched from, sent to or
 * framed by anybody else.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "frame-src 'self'",
  "frame-ancestors 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');

/** A report is a page of its own, shown in a frame: it holds everything it needs, and runs nothing. */
const REPORT_POLICY = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "frame-ancestors 'self'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');

const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
};

/** @param path of the address that is answered */
export function securityHeaders(path: string): Record<string, string> {
  const policy = path.startsWith('/files/') ? REPORT_POLICY : CONTENT_SECURITY_POLICY;
  return { ...COMMON, 'content-security-policy': policy };
}

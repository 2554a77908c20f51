const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether what goes to a URL stays between it and us: https, or in development this very machine. */
export function isSecureUrl({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  return protocol === 'http:' && LOOPBACK.test(hostname) && process.env.NODE_ENV !== 'production';
}

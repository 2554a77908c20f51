import { type HttpRequest, pathOf } from '../requests/http-request.js';

/** The routes that mail links which prove an address. */
const ASKING = /\/(send-verification-email|sign-up\/email|anonymous\/upgrade|change-email)\/?$/i;

/** Path of the page that those links open, wherever the host has put our routes. */
export function verificationPagePath(request: HttpRequest): string {
  return `${pathOf(request).replace(ASKING, '')}/verify-email/open`;
}

const PAGES = /\/verify-email(\/open)?\/?$/i;

/** Path that the form of the page posts to. Absolute: the page is shown again at this path when something was wrong. */
export function verificationPath(request: HttpRequest): string {
  return `${pathOf(request).replace(PAGES, '')}/verify-email`;
}

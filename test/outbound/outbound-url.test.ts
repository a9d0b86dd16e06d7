import { describe, expect, test } from 'vitest';
import { brokenUrl } from '../../src/outbound/outbound-url.js';

const strict = { allowPrivate: false };
const lenient = { allowPrivate: true };

describe('a URL that may be posted to', () => {
  test.each([
    'https://example.com',
    'https://example.com:8443/hooks?key=1',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/',
    'HTTPS://EXAMPLE.COM/',
    `https://example.com/${'x'.repeat(2_000 - 20)}`,
  ])('%s', (url) => expect(brokenUrl(url, strict)).toBeUndefined());

  test.each([
    'http://example.com',
    'http://localhost:3000/',
    'http://127.0.0.1/',
    'https://10.0.0.1/',
    'http://[::1]/',
  ])('where private addresses are allowed: %s', (url) => {
    expect(brokenUrl(url, lenient)).toBeUndefined();
    if (url.startsWith('http:')) expect(brokenUrl(url, strict)).toBe('must be an https:// URL');
  });
});

describe('a URL that must not', () => {
  test.each([
    ['none', 'must be a URL, such as https://example.com/hooks'],
    ['', 'must be a URL, such as https://example.com/hooks'],
    ['/hooks', 'must be a URL, such as https://example.com/hooks'],
    ['https://exa mple.com', 'must be a URL, such as https://example.com/hooks'],
    ['https://example.com/\n', 'must be a URL, such as https://example.com/hooks'],
    ['https://ex\u00e4mple.com/', 'must be a URL, such as https://example.com/hooks'],
    ['https://', 'must be a URL, such as https://example.com/hooks'],
    ['https:example.com', 'must be a URL, such as https://example.com/hooks'],
    ['https:/example.com', 'must be a URL, such as https://example.com/hooks'],
    ['https:///example.com', 'must be a URL, such as https://example.com/hooks'],
    ['https:\\\\example.com\\hooks', 'must be a URL, such as https://example.com/hooks'],
    ['https://example.com\\@evil.example', 'must be a URL, such as https://example.com/hooks'],
    ['http://example.com', 'must be an https:// URL'],
    ['ftp://example.com', 'must be an https:// URL'],
    ['file:///etc/passwd', 'must be an https:// URL'],
    ['javascript:alert(1)', 'must be an https:// URL'],
    ['https://user@example.com', 'must not contain a user or a password'],
    ['https://user:secret@example.com', 'must not contain a user or a password'],
    ['https://@example.com', 'must not contain a user or a password'],
    ['https://:@example.com', 'must not contain a user or a password'],
    ['https://example.com/#part', 'must not contain a fragment'],
    ['https://example.com/#', 'must not contain a fragment'],
    ['https://127.0.0.1/', 'must not lead to 127.0.0.1, a private address'],
    ['https://127.1/', 'must not lead to 127.0.0.1, a private address'],
    ['https://2130706433/', 'must not lead to 127.0.0.1, a private address'],
    ['https://0x7f000001/', 'must not lead to 127.0.0.1, a private address'],
    ['https://0177.0.0.1/', 'must not lead to 127.0.0.1, a private address'],
    ['https://[::ffff:10.0.0.1]/', 'must not lead to ::ffff:a00:1, a private address'],
    ['https://[fd00::1]/', 'must not lead to fd00::1, a private address'],
    ['https://169.254.169.254/', 'must not lead to 169.254.169.254, an address that is link-local or reserved'],
    ['https://0.0.0.0/', 'must not lead to 0.0.0.0, an address that is link-local or reserved'],
    [`https://example.com/${'x'.repeat(2_000)}`, 'must be at most 2000 characters'],
  ])('%s', (url, why) => expect(brokenUrl(url, strict)).toBe(why));

  test.each([
    ['ftp://example.com', 'must be an https:// or http:// URL'],
    ['http://169.254.169.254/', 'must not lead to 169.254.169.254, an address that is link-local or reserved'],
    ['http://[fe80::1]/', 'must not lead to fe80::1, an address that is link-local or reserved'],
    [
      'http://[::ffff:169.254.169.254]/',
      'must not lead to ::ffff:a9fe:a9fe, an address that is link-local or reserved',
    ],
  ])('even where private addresses are allowed: %s', (url, why) => expect(brokenUrl(url, lenient)).toBe(why));
});

import { describe, expect, it } from 'vitest';
import { lines, markup } from './markup.ts';

describe('markup', () => {
  it.each([
    ['text', markup`<p>${'<b> & "x" \'y\''}</p>`, '<p>&lt;b&gt; &amp; &quot;x&quot; &#39;y&#39;</p>'],
    ['an attribute', markup`<p title="${'" onclick="x'}"></p>`, '<p title="&quot; onclick=&quot;x"></p>'],
    ['markup, once', markup`<p>${markup`<b>${'&'}</b>`}</p>`, '<p><b>&amp;</b></p>'],
    ['a list', markup`${[markup`<i></i>`, '<', 1]}`, '<i></i>&lt;1'],
    ['nothing', markup`<p>${undefined}${false}</p>`, '<p></p>'],
    ['zero', markup`${0}`, '0'],
    ['what cannot be seen', markup`${'a\u0000b\u202Ec\u001b'}`, 'a\uFFFDb\uFFFDc\uFFFD'],
    ['line breaks, where they count', lines('a\n  <b>'), 'a\n  &lt;b&gt;'],
  ])('fills in %s', (_reason, made, text) => {
    expect(made.text).toBe(text);
  });

  it('bounds what is filled in', () => {
    expect(markup`${'x'.repeat(1_000_000)}`.text.length).toBeLessThan(70_000);
  });
});

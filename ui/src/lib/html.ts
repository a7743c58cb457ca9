/** Formatted text that came from elsewhere, for a frame that can run nothing. */

/** First in the document, so that nothing after it is fetched, however it was written; styles stay out as well, and
    with them the ways to hide a sentence. */
const NOTHING_FETCHED = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:">`;

export const asDocument = (html: string): string => `<!doctype html>${NOTHING_FETCHED}${html}`;

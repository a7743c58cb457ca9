// As our page: two frames after the content, one word to the process. The paint's own entry may be later than that.
requestAnimationFrame(() =>
  requestAnimationFrame(() => {
    const painted = performance.getEntriesByName("first-contentful-paint")[0];
    const paintedAt = performance.timeOrigin + (painted?.startTime ?? performance.now());
    window.__TAURI_INTERNALS__.invoke("shown", { paintedAt });
  }),
);

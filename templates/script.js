// Search and filter. Without it the page shows everything.
(() => {
  'use strict';
  const local = (event) => {
    const time = event.target.closest && event.target.closest('time[datetime]');
    if (time && time.dateTime && !time.title) time.title = new Date(time.dateTime).toLocaleString();
  };
  document.addEventListener('pointerover', local, { passive: true });

  const form = document.getElementById('filter');
  if (!form) return;
  const words = document.getElementById('words');
  const code = document.getElementById('code');
  const found = document.getElementById('found');
  const groups = [...document.querySelectorAll('.group')].map((group) => ({
    group,
    // What is folded away opens where something in it is found.
    more: group.querySelector('details.more') || group.closest('details.fold'),
    rows: null,
  }));
  const rowsOf = (one) => {
    one.rows ||= [...one.group.querySelectorAll('.w')].map((row) => ({
      row,
      folded: !!one.more && one.more.contains(row),
      code: row.dataset.code,
      text: row.textContent.toLowerCase(),
    }));
    return one.rows;
  };
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const any = wanted.length > 0 || code.value !== '';
    let shown = 0;
    let all = 0;
    for (const one of groups) {
      let here = 0;
      let folded = 0;
      for (const { row, text, code: of, folded: isFolded } of rowsOf(one)) {
        const fits = (!code.value || of === code.value) && wanted.every((word) => text.includes(word));
        if (row.hidden === fits) row.hidden = !fits;
        here += fits;
        folded += fits && isFolded;
        all += 1;
      }
      one.group.hidden = here === 0;
      if (one.more) {
        one.more.open = any && folded > 0;
        one.more.hidden = folded === 0 && any;
      }
      shown += here;
    }
    const grouped = (count) => count.toLocaleString('en-US');
    found.textContent = any ? `${grouped(shown)} of ${grouped(all)} shown` : '';
  };
  let due = 0;
  const soon = () => {
    clearTimeout(due);
    due = setTimeout(apply, 60);
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  words.addEventListener('input', soon);
  code.addEventListener('change', apply);
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      words.focus();
    }
  });
})();

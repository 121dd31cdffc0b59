/* What the console's pages do by themselves. They work without it; nothing here is needed to look. */
(function () {
  "use strict";

  /* Live lists ask every two seconds (htmx does). They stop while nobody looks, while somebody
     selects text in them or works in them by keyboard, and when the switch says so. */
  var live = true;

  function busyIn(list) {
    var selection = window.getSelection();
    if (selection && !selection.isCollapsed && list.contains(selection.anchorNode)) return true;
    return list.contains(document.activeElement) || list.querySelector("details[open]") !== null;
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    var list = event.detail.elt;
    if (!list.hasAttribute("data-live")) return;
    if (!live || document.hidden || busyIn(list)) event.preventDefault();
  });

  function toggleLive(button) {
    live = !live;
    button.setAttribute("aria-pressed", String(live));
  }

  /* Buttons */
  function copy(button) {
    var source = document.querySelector(button.getAttribute("data-copy"));
    var label = button.querySelector("span");
    var before = label.textContent;
    function said() {
      label.textContent = button.getAttribute("data-done");
      window.setTimeout(function () { label.textContent = before; }, 1500);
    }
    if (navigator.clipboard) {
      navigator.clipboard.writeText(source.textContent).then(said, function () { select(source); });
    } else {
      select(source);
    }
  }

  /* Where a page may not write to the clipboard (no TLS, another machine), it is selected instead. */
  function select(source) {
    var range = document.createRange();
    range.selectNodeContents(source);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    if (document.execCommand) document.execCommand("copy");
  }

  function goTo(button) {
    var text = document.getElementById("text");
    var lines = text.value.split("\n");
    var line = Math.min(Number(button.getAttribute("data-line")), lines.length);
    var start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    var at = start + Math.min(Number(button.getAttribute("data-column")) - 1, lines[line - 1].length);
    text.focus();
    text.setSelectionRange(at, start + lines[line - 1].length);
    var height = text.scrollHeight / lines.length;
    text.scrollTop = Math.max(0, (line - 6) * height);
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-copy")) copy(button);
    if (button.hasAttribute("data-live-switch")) toggleLive(button);
    if (button.hasAttribute("data-line")) goTo(button);
  });

  document.addEventListener("change", function (event) {
    if (event.target.hasAttribute("data-submit")) event.target.form.submit();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName)) return;
    var search = document.querySelector("[data-slash]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });

  /* The editor's line numbers */
  function number(text, gutter) {
    var count = text.value.split("\n").length, numbers = [];
    for (var line = 1; line <= count; line++) numbers.push(line);
    gutter.textContent = numbers.join("\n");
    gutter.scrollTop = text.scrollTop;
  }

  /* Clocks that run: the time they showed, and what has passed since. */
  function tick() {
    document.querySelectorAll("[data-ticks]").forEach(function (shown) {
      if (!shown.begun) {
        var parts = shown.textContent.split(":").map(Number);
        shown.begun = parts[0] * 3600 + parts[1] * 60 + parts[2];
        shown.since = performance.now();
      }
      var seconds = Math.floor(shown.begun + (performance.now() - shown.since) / 1000) % 86400;
      var text = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
        .map(function (part) { return String(part).padStart(2, "0"); }).join(":");
      if (shown.textContent !== text) shown.textContent = text;
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var text = document.getElementById("text"), gutter = document.querySelector("[data-gutter]");
    if (text && gutter) {
      text.addEventListener("input", function () { number(text, gutter); });
      text.addEventListener("scroll", function () { gutter.scrollTop = text.scrollTop; });
      number(text, gutter);
    }
    var menu = document.querySelector(".side"), here = document.querySelector(".side [aria-current]");
    if (menu && here) menu.scrollLeft = here.offsetLeft - menu.offsetLeft - 60;
    tick();
    window.setInterval(tick, 500);
  });
})();

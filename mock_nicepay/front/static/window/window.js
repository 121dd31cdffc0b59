/* The payment window: shows what belongs to the choice, searches result codes, asks before it closes. */
(function () {
  "use strict";

  var form = document.getElementById("window");
  var problem = document.getElementById("problem");
  var leaving = document.getElementById("leaving");
  var veil = document.getElementById("veil");
  var tools = document.getElementById("tools");
  var shop = form.getAttribute("data-page"); // empty: nobody opened it, as with a hosted checkout
  var framed = shop && window.parent !== window;
  var sent = false;

  function all(selector, inside) {
    return Array.prototype.slice.call((inside || document).querySelectorAll(selector));
  }

  function picked(name) {
    var input = form.querySelector("input[name=" + name + "]:checked");
    return input ? input.value : "";
  }

  /* Only the chosen method's fields are shown, and only they are sent. */
  function showPanel() {
    var wallet = picked("wallet");
    if (!wallet) {
      return;
    }
    all("[data-panel]").forEach(function (panel) {
      var mine = panel.getAttribute("data-panel") === wallet;
      panel.hidden = !mine;
      all("fieldset", panel).forEach(function (fields) {
        fields.disabled = !mine;
      });
    });
  }

  function showReceipt() {
    var kind = picked("receiptType");
    all("[data-receipt-number]").forEach(function (part) {
      part.hidden = !kind;
      var label = part.querySelector("span[data-individual]");
      if (label && kind) {
        label.textContent = label.getAttribute("data-" + kind);
      }
    });
  }

  function showOutcome() {
    var state = document.getElementById("tools-state");
    var input = form.querySelector("input[name=outcome]:checked");
    var word = input.parentNode.textContent.trim();
    var code = document.getElementById("code");
    document.getElementById("code-field").hidden = input.value !== "decline";
    if (input.value === "decline" && /^[A-Za-z0-9]{4}$/.test(code.value.trim())) {
      word += " " + code.value.trim().toUpperCase();
    }
    state.textContent = state.getAttribute("data-label") + ": " + word;
    tools.setAttribute("data-outcome", input.value);
  }

  // Terms

  var everything = document.getElementById("agree-all");
  var terms = all("[data-term]");

  everything.addEventListener("change", function () {
    terms.forEach(function (term) {
      term.checked = everything.checked;
    });
  });
  terms.forEach(function (term) {
    term.addEventListener("change", function () {
      everything.checked = terms.every(function (each) {
        return each.checked;
      });
    });
  });

  function complain(text, where) {
    problem.textContent = text;
    problem.hidden = false;
    problem.scrollIntoView({ block: "center" });
    where.focus();
  }

  form.addEventListener("submit", function (event) {
    if (sent) {
      event.preventDefault(); // a second click would be a second visit
      return;
    }
    var leaves = event.submitter && event.submitter.hasAttribute("data-leave");
    var approves = !leaves && picked("outcome") === "approve";
    var missing = terms.filter(function (term) {
      return !term.checked;
    })[0];
    if (approves && missing) {
      event.preventDefault();
      complain(form.getAttribute("data-must-agree"), missing);
      return;
    }
    if (leaving.open) {
      leaving.close();
    }
    sent = true;
    veil.hidden = false;
  });

  // Leaving: the cross, the button, Esc here and Esc in the shop's page

  function ask() {
    if (!leaving.open) {
      leaving.showModal();
    }
  }

  all("[data-ask-close]").forEach(function (button) {
    button.addEventListener("click", ask);
  });
  leaving.querySelector("[data-stay]").addEventListener("click", function () {
    leaving.close();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !leaving.open && !event.defaultPrevented) {
      event.preventDefault();
      ask();
    }
  });
  window.addEventListener("message", function (event) {
    if (event.source === window.parent && event.data && event.data.nicepay === "escape") {
      ask();
    }
  });
  // Shown again after Back: what was covered for the submission is to be seen.
  window.addEventListener("pageshow", function () {
    sent = false;
    veil.hidden = true;
  });

  // The search for a result code: a combobox with a list

  var field = document.getElementById("code-field");
  var input = document.getElementById("code");
  var list = document.getElementById("codes");
  var rows = null;
  var active = -1;
  var wanted = false; // whether the list is to be open once its rows are there

  function load(then) {
    if (rows) {
      then();
      return;
    }
    window
      .fetch(field.getAttribute("data-source"))
      .then(function (answer) {
        return answer.json();
      })
      .then(function (found) {
        rows = found;
        rows.forEach(function (row) {
          row.text = (row.code + " " + row.ko + " " + row.en).toLowerCase();
        });
        then();
      });
  }

  function matching() {
    var words = input.value.toLowerCase().split(/\s+/);
    return rows
      .filter(function (row) {
        return words.every(function (word) {
          return row.text.indexOf(word) >= 0;
        });
      })
      .slice(0, 60);
  }

  function line(tag, className, text) {
    var element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  }

  function option(row, position) {
    var item = document.createElement("li");
    item.id = "code-" + position;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.setAttribute("data-code", row.code);
    item.appendChild(line("b", "", row.code));
    item.appendChild(line("span", "", row.ko));
    item.appendChild(line("small", "", row.en));
    return item;
  }

  function open() {
    wanted = true;
    load(function () {
      if (!wanted) {
        return;
      }
      var found = matching();
      list.textContent = "";
      active = -1;
      found.forEach(function (row, position) {
        list.appendChild(option(row, position));
      });
      if (!found.length) {
        var none = line("li", "none", form.getAttribute("data-no-codes"));
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        list.appendChild(none);
      }
      expand(true);
    });
  }

  function expand(wide) {
    wanted = wide;
    list.hidden = !wide;
    input.setAttribute("aria-expanded", String(wide));
    if (!wide) {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function activate(position) {
    var options = all("[data-code]", list);
    if (!options.length) {
      return;
    }
    active = (position + options.length) % options.length;
    options.forEach(function (each, number) {
      each.setAttribute("aria-selected", String(number === active));
    });
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function choose(item) {
    input.value = item.getAttribute("data-code");
    expand(false);
    showOutcome();
  }

  input.addEventListener("focus", open);
  input.addEventListener("input", function () {
    open();
    showOutcome();
  });
  input.addEventListener("blur", function () {
    expand(false);
  });
  input.addEventListener("keydown", function (event) {
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) {
        open();
      } else {
        activate(active < 0 && step < 0 ? -1 : active + step);
      }
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (active >= 0) {
        choose(all("[data-code]", list)[active]);
      } else {
        expand(false);
      }
    } else if (event.key === "Escape" && wanted) {
      event.preventDefault();
      expand(false);
    }
  });
  list.addEventListener("mousedown", function (event) {
    var item = event.target.closest("[data-code]");
    event.preventDefault(); // the field keeps the focus
    if (item) {
      choose(item);
    }
  });

  // Begin

  form.addEventListener("change", function () {
    showPanel();
    showReceipt();
    showOutcome();
  });
  showPanel(); // a browser that went back remembers what was chosen
  showReceipt();
  showOutcome();
  if (framed) {
    window.parent.postMessage({ nicepay: "window", type: "ready" }, shop);
  }
})();

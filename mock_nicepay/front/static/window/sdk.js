/*
 * mock-nicepay: the payment window's script, in the place of https://pay.nicepay.co.kr/v1/js/
 *
 *   AUTHNICE.requestPay({clientId: ..., method: "card", orderId: ..., amount: 1004,
 *                        goodsName: ..., returnUrl: ..., fnError: function (result) {...}});
 *
 * A shop's page changes the address of this script and nothing else. The parameters go to the
 * server that the script came from; it checks them, and answers a window or an error for fnError.
 * Nothing here needs more of a Content-Security-Policy than the real script does: our origin in
 * script-src, frame-src and form-action. No inline style, no eval, no request but a form's.
 */
(function (window, document) {
  "use strict";

  var WIDTH = 660; // of the window on a PC, in CSS pixels
  var HEIGHT = 825;
  var PATIENCE = 15000; // milliseconds until the developer is told that no window has appeared
  var PHONE = /Android|iPhone|iPad|iPod|Windows Phone|Mobile/i;

  // Only while the script is being read does the browser say which one it is: so it is remembered.
  var address = addressOfThisScript();
  var base = address.replace(/\/v1\/js\/?(?:[?#].*)?$/, "");
  var origin = base.replace(/^(https?:\/\/[^\/]+).*$/, "$1");
  var auto = argument(address, "auto");
  var current = null; // the window that is open, or about to be
  var calls = 0;

  function addressOfThisScript() {
    if (document.currentScript && document.currentScript.src) {
      return document.currentScript.src;
    }
    var scripts = document.getElementsByTagName("script");
    for (var i = scripts.length - 1; i >= 0; i -= 1) {
      if (/\/v1\/js\/?(?:[?#].*)?$/.test(scripts[i].src)) {
        return scripts[i].src;
      }
    }
    return "";
  }

  function argument(url, name) {
    var found = new RegExp("[?&]" + name + "=([^&#]*)").exec(url);
    try {
      return found ? decodeURIComponent(found[1].replace(/\+/g, " ")) : "";
    } catch (broken) {
      return found[1]; // the server says what is wrong with it
    }
  }

  function isPhone() {
    var agent = window.navigator.userAgent;
    // An iPad calls itself a Macintosh, but no Macintosh takes several fingers.
    return PHONE.test(agent) || (/Macintosh/.test(agent) && window.navigator.maxTouchPoints > 1);
  }

  /* Everything of the parameters that can be said in a form: fnError, a function, stays here. */
  function sayable(options) {
    var said = {};
    for (var name in options) {
      if (Object.prototype.hasOwnProperty.call(options, name)) {
        if (typeof options[name] !== "function" && options[name] !== undefined) {
          said[name] = options[name];
        }
      }
    }
    return JSON.stringify(said);
  }

  function isTrue(value) {
    return value === true || value === "true";
  }

  function style(element, rules) {
    for (var name in rules) {
      if (Object.prototype.hasOwnProperty.call(rules, name)) {
        // Through the object model: a style attribute would need 'unsafe-inline' of the page.
        element.style.setProperty(name, rules[name], "important");
      }
    }
    return element;
  }

  function make(tag, attributes) {
    var element = document.createElement(tag);
    for (var name in attributes) {
      if (Object.prototype.hasOwnProperty.call(attributes, name)) {
        element.setAttribute(name, attributes[name]);
      }
    }
    return element;
  }

  /* One call of requestPay, until its window is gone. */
  function Call(options) {
    calls += 1;
    this.name = "nicepay-window-" + calls;
    this.options = options;
    this.phone = isPhone();
    this.focusBefore = document.activeElement;
    this.ready = false;
  }

  Call.prototype.open = function () {
    try {
      this.said = sayable(this.options);
    } catch (wrong) {
      this.fail({
        code: "P038",
        msg: "결제창을 열 수 없습니다.",
        errorMsg:
          "[P038] requestPay was given something that is no text, number or boolean (문자열, 숫자, " +
          "true/false가 아닌 값이 있습니다): " + wrong.message
      });
      return;
    }
    this.layer = this.phone ? this.hiddenFrame() : this.visibleLayer();
    document.body.appendChild(this.layer);
    if (!this.phone) {
      this.stopScrolling();
      this.frame.focus();
    }
    this.send();
    this.wait();
  };

  /* On a phone the window takes the place of the page; the frame only learns where it is. */
  Call.prototype.hiddenFrame = function () {
    this.frame = make("iframe", { name: this.name, title: "NICEPAY", "aria-hidden": "true" });
    return style(this.frame, { display: "none" });
  };

  Call.prototype.visibleLayer = function () {
    var call = this;
    var language = String(this.options.language || "KO").toUpperCase();
    var label = { EN: "Payment window", CN: "支付窗口" }[language] || "결제창";
    var layer = style(
      make("div", { role: "dialog", "aria-modal": "true", "aria-label": label, "data-nicepay": "layer" }),
      {
        position: "fixed",
        top: "0",
        right: "0",
        bottom: "0",
        left: "0",
        "z-index": isTrue(this.options.zIdxHigher) ? "11000" : "9999",
        display: "flex",
        "align-items": "center",
        "justify-content": "center",
        background: "rgba(15, 23, 42, 0.55)"
      }
    );
    this.frame = style(make("iframe", { name: this.name, title: label, frameborder: "0" }), {
      width: WIDTH + "px",
      height: HEIGHT + "px",
      "max-width": "100%",
      "max-height": "100%",
      border: "0",
      "border-radius": "14px",
      background: "#fff",
      "box-shadow": "0 24px 64px rgba(15, 23, 42, 0.35)"
    });
    // Whoever tabs out of the window comes in again at its other end.
    layer.appendChild(sentinel(call));
    layer.appendChild(this.frame);
    layer.appendChild(sentinel(call));
    return layer;
  };

  function sentinel(call) {
    var guard = make("div", { tabindex: "0", "aria-hidden": "true" });
    style(guard, { position: "absolute", width: "0", height: "0", outline: "none" });
    guard.addEventListener("focus", function () {
      call.frame.focus();
    });
    return guard;
  }

  Call.prototype.stopScrolling = function () {
    var given = this.options.disableScroll;
    if (given === false || given === "false") {
      return;
    }
    var body = document.body;
    this.scrolling = [
      body.style.getPropertyValue("overflow"),
      body.style.getPropertyPriority("overflow")
    ];
    body.style.setProperty("overflow", "hidden", "important");
  };

  /* The parameters go as a form into the frame: no other way needs as little of the page's policy. */
  Call.prototype.send = function () {
    var form = make("form", {
      method: "post",
      action: base + "/v1/js/open",
      target: this.name,
      "accept-charset": "UTF-8"
    });
    var fields = {
      params: this.said,
      view: this.phone ? "page" : "layer",
      page: window.location.href,
      auto: auto
    };
    for (var name in fields) {
      if (Object.prototype.hasOwnProperty.call(fields, name)) {
        var input = make("input", { type: "hidden", name: name });
        input.value = fields[name];
        form.appendChild(input);
      }
    }
    style(form, { display: "none" });
    document.body.appendChild(form);
    HTMLFormElement.prototype.submit.call(form); // a field named submit would hide it
    document.body.removeChild(form);
  };

  Call.prototype.wait = function () {
    var call = this;
    this.timer = window.setTimeout(function () {
      if (!call.ready && window.console) {
        window.console.warn(
          "mock-nicepay: no window has come from " + base + ". Is the server running? Does this " +
            "page's Content-Security-Policy name " + origin + " in frame-src and form-action?"
        );
      }
    }, PATIENCE);
  };

  Call.prototype.close = function () {
    window.clearTimeout(this.timer);
    if (this.layer && this.layer.parentNode) {
      this.layer.parentNode.removeChild(this.layer);
    }
    if (this.scrolling) {
      document.body.style.setProperty("overflow", this.scrolling[0], this.scrolling[1]);
    }
    if (!this.phone && this.focusBefore && this.focusBefore.focus) {
      this.focusBefore.focus();
    }
    if (current === this) {
      current = null;
    }
  };

  Call.prototype.fail = function (error) {
    this.close();
    var tell = this.options.fnError;
    if (typeof tell === "function") {
      tell({
        resultCode: error.code,
        resultMsg: error.msg,
        msg: error.msg,
        errorMsg: error.errorMsg
      });
    } else if (window.console) {
      window.console.error("mock-nicepay: requestPay without fnError: " + error.errorMsg);
    }
  };

  /* What the frame says. `go` leaves the shop's page for the one that posts to returnUrl. */
  Call.prototype.hear = function (message) {
    this.ready = true;
    if (message.type === "error") {
      this.fail(message.error);
    } else if (message.type === "go" || message.type === "page") {
      leaveFor(message.url, message.type === "go");
    }
  };

  function leaveFor(url, wholeTab) {
    if (wholeTab && window.top !== window) {
      try {
        window.top.location.href = url;
        return;
      } catch (refused) {
        // The frame that the shop stands in may not move the tab: then only the frame moves.
      }
    }
    window.location.href = url;
  }

  window.addEventListener("message", function (event) {
    if (!current || event.origin !== origin || event.source !== current.frame.contentWindow) {
      return;
    }
    if (event.data && event.data.nicepay === "window") {
      current.hear(event.data);
    }
  });

  // Esc is the window's: it asks the payer, and the page behind it does not hear of it.
  document.addEventListener(
    "keydown",
    function (event) {
      if (current && !current.phone && (event.key === "Escape" || event.keyCode === 27)) {
        event.preventDefault();
        event.stopPropagation();
        current.frame.contentWindow.postMessage({ nicepay: "escape" }, origin);
        current.frame.focus();
      }
    },
    true
  );

  // A page that the browser kept and shows again after Back has no window any more.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted && current) {
      current.close();
    }
  });

  // A policy that keeps the window out would otherwise be a blank layer without a word.
  document.addEventListener("securitypolicyviolation", function (event) {
    if (current && !current.ready && String(event.blockedURI).indexOf(origin) === 0) {
      current.fail({
        code: "P038",
        msg: "결제창을 열 수 없습니다.",
        errorMsg:
          "[P038] the page's Content-Security-Policy keeps the payment window out: add " + origin +
          " to " + event.effectiveDirective + " (페이지의 CSP " + event.effectiveDirective + "에 " +
          origin + "을 추가하세요)"
      });
    }
  });

  function requestPay(options) {
    var call = new Call(options && typeof options === "object" ? options : {});
    if (current) {
      call.focusBefore = current.focusBefore;
      current.close(); // of two calls, as after a double click, the newer one has the window
    }
    current = call;
    if (document.body) {
      call.open();
    } else {
      document.addEventListener("DOMContentLoaded", function () {
        if (current === call) {
          call.open();
        }
      });
    }
  }

  window.AUTHNICE = window.AUTHNICE || {};
  window.AUTHNICE.requestPay = requestPay;
})(window, document);

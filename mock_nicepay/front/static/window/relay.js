/* Tells the shop's page, through the SDK that opened the window, what comes next; or goes there. */
(function () {
  "use strict";
  var told = document.getElementById("relay");
  var target = told.getAttribute("data-shop"); // empty: nobody listens, as with a hosted checkout
  var framed = target && window.parent !== window;

  /* The page that posts the form stands on another site than the shop, as NICEPAY's does: then the
   * shop's SameSite=Lax cookies stay behind, as in production. On one machine both would be one
   * site; the loopback's other name makes two of it. */
  function elsewhere(url) {
    var other = { localhost: "127.0.0.1", "127.0.0.1": "localhost" };
    var host = told.getAttribute("data-return-host");
    var link = document.createElement("a");
    link.href = url;
    if (host && link.hostname === host && other[host]) {
      link.hostname = other[host];
    }
    return link.href;
  }

  function say(message) {
    message.nicepay = "window";
    window.parent.postMessage(message, target);
  }

  var link = told.querySelector("a[data-go]");
  if (link) {
    var kind = link.getAttribute("data-go");
    var url = kind === "go" ? elsewhere(link.href) : link.href;
    link.href = url;
    if (told.hasAttribute("data-wait")) {
      link.addEventListener("click", function (event) {
        if (framed) {
          event.preventDefault();
          say({ type: kind, url: url });
        }
      });
      if (framed) {
        say({ type: "ready" });
      }
    } else if (framed) {
      say({ type: kind, url: url });
    } else {
      window.location.replace(url);
    }
  } else if (framed && told.hasAttribute("data-code")) {
    say({
      type: "error",
      error: {
        code: told.getAttribute("data-code"),
        msg: told.getAttribute("data-msg"),
        errorMsg: told.getAttribute("data-error-msg")
      }
    });
  }
})();

/* Posts the result to the shop's returnUrl: once, twice, late or never, as the page says. */
(function () {
  "use strict";
  var form = document.getElementById("handover");
  if (!form) {
    return;
  }
  var delay = Number(form.getAttribute("data-delay"));
  var posts = Number(form.getAttribute("data-posts"));
  var sent = false;

  function send(target) {
    form.target = target;
    HTMLFormElement.prototype.submit.call(form);
  }

  function last() {
    if (!sent) {
      sent = true;
      send("_self");
    }
  }

  /* The first of two goes into a frame; the second is the one the payer sees the answer to. */
  function twice() {
    var frame = document.getElementById("first-post");
    frame.addEventListener("load", function () {
      window.setTimeout(last, 100);
    });
    window.setTimeout(last, 10000);
    send(frame.name);
  }

  if (posts > 0) {
    window.setTimeout(posts > 1 ? twice : last, delay);
  }
})();

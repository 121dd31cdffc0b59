/* A form is sent once: a second click would be a second visit. */
(function () {
  "use strict";
  var sent = false;
  document.querySelector("form").addEventListener("submit", function (event) {
    if (sent) {
      event.preventDefault();
    }
    sent = true;
  });
  // Shown again after Back: the next click counts.
  window.addEventListener("pageshow", function () {
    sent = false;
  });
})();

// Lets a reader leave at once: by “Exit this page”, or by Escape pressed three times.
// The page is hidden before the other one has come, and the way back from there does
// not lead to it. Without this script “Exit this page” is a link.
(function () {
  "use strict";

  const way = document.querySelector(".exit__button");
  const says = document.querySelector(".exit__says");
  const title = document.title;
  const presses = 3;
  const patience = 5000; // milliseconds between one press and the next
  let pressed = 0;
  let waiting = 0;

  function leave() {
    document.documentElement.classList.add("left");
    document.title = "Loading";
    window.location.replace(way.href);
  }

  function start(words) {
    clearTimeout(waiting);
    pressed = 0;
    says.textContent = words;
  }

  function press() {
    clearTimeout(waiting);
    pressed += 1;
    if (pressed === presses) {
      start("");
      leave();
      return;
    }
    const left = presses - pressed;
    says.textContent = "Escape: press " + left + " more " + (left === 1 ? "time" : "times") + " to exit.";
    waiting = setTimeout(() => start("Exit this page expired."), patience);
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") {
        start("");
      } else if (!event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey) {
        if (pressed === presses - 1) {
          event.preventDefault(); // Escape also stops what is being loaded
        }
        press();
      }
    },
    true,
  );

  way.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });

  // A browser may keep the page as it was left, and show it to who comes back to it.
  window.addEventListener("pageshow", () => {
    document.documentElement.classList.remove("left");
    document.title = title;
    start("");
  });

  document.querySelectorAll("[data-with-scripts]").forEach((element) => {
    element.hidden = false;
  });
})();

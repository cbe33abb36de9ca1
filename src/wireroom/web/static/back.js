// Whoever comes back from elsewhere need not press the button: it is pressed once the page stands.
document.querySelector("form[data-goes-on]")?.requestSubmit();

// Draws every card of the page with the real renderer, and says what it found about each.
// The colours and sizes are those of Teams, from the host configurations that the Adaptive Cards
// repository publishes as samples/HostConfig/microsoft-teams-light.json and -dark.json.

function hostConfig(dark) {
  const ink = dark ? "#ffffffff" : "#ff252424";
  const foreground = (plain, subtle) => ({
    default: { default: plain, subtle },
    accent: { default: dark ? "#ffa6a7dc" : "#6264a7", subtle: "#8b8cc7" },
    good: { default: "#92c353", subtle: "#e592c353" },
    warning: { default: "#f8d22a", subtle: "#e5f8d22a" },
    attention: { default: dark ? "#ffd74654" : "#c4314b", subtle: "#e5c4314b" },
  });
  const own = foreground(ink, dark ? "#bfffffff" : "#bf252424");
  const onColour = foreground(dark ? "#ff201f1f" : "#ff252424", dark ? "#ff2d2c2c" : "#bf252424");
  const font = (fontFamily) => ({
    fontFamily,
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 200, default: 400, bolder: 600 },
  });
  const fact = (weight) => ({ size: "Default", color: "Default", isSubtle: false, weight });
  return new AdaptiveCards.HostConfig({
    supportsInteractivity: true,
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    fontTypes: {
      default: font("'Segoe UI', Tahoma, Geneva, Verdana, 'DejaVu Sans', sans-serif"),
      monospace: font("'Courier New', Courier, monospace"),
    },
    containerStyles: {
      default: { backgroundColor: dark ? "#ff2d2c2c" : "#ffffff", foregroundColors: own },
      emphasis: { backgroundColor: dark ? "#ff292828" : "#fff9f8f7", foregroundColors: own },
      accent: { backgroundColor: "#C7DEF9", foregroundColors: onColour },
      good: { backgroundColor: "#CCFFCC", foregroundColors: onColour },
      attention: { backgroundColor: "#FFC5B2", foregroundColors: onColour },
      warning: { backgroundColor: "#FFE2B2", foregroundColors: onColour },
    },
    actions: { maxActions: 6, buttonSpacing: 8, actionsOrientation: "Horizontal", actionAlignment: "Left" },
    adaptiveCard: { allowCustomStyle: false },
    factSet: { title: fact("Bolder"), value: fact("Default"), spacing: 16 },
  });
}

// Harsher than Teams: tags in text are tags, and addresses become links.
const markdown = window.markdownit({ html: true, linkify: true });
AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown.render(text);
  result.didProcess = true;
};

const FORMATTING =
  "a, img, at, b, strong, em, i, s, del, code, pre, ul, ol, li, h1, h2, h3, h4, h5, h6, hr, blockquote, th, script, iframe";

function draw({ name, dark, width, content }) {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = hostConfig(dark);
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  card.parse(content, context);
  const complaints = [];
  for (let at = 0; at < context.eventCount; at++) complaints.push(context.getEventAt(at).message);
  complaints.push(...card.validateProperties().validationEvents.map((event) => event.message));
  const frame = document.createElement("div");
  frame.style.cssText = `width:${width}px; margin:0 0 24px 0; border-radius:6px; overflow:hidden; outline:1px solid #8884`;
  document.body.appendChild(frame);
  const drawn = card.render();
  frame.appendChild(drawn);
  const cut = [...frame.querySelectorAll("*")]
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 && getComputedStyle(each).display !== "inline")
    .concat([...frame.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > frame.getBoundingClientRect().right + 1))
    .map((each) => `${each.className || each.tagName}: ${each.textContent.slice(0, 60)}`);
  const formatted = [...frame.querySelectorAll(FORMATTING)].map((each) => each.outerHTML.slice(0, 120));
  return { name, dark, width, complaints, cut, formatted, height: Math.ceil(frame.getBoundingClientRect().height), words: drawn.innerText };
}

const asked = JSON.parse(document.getElementById("cards").textContent);
document.body.style.cssText = `margin:12px; background:${asked[0].dark ? "#1f1f1f" : "#f5f5f5"}`;
const found = asked.map(draw);
const result = document.createElement("pre");
result.id = "result";
result.hidden = true;
result.textContent = encodeURIComponent(JSON.stringify(found));
document.body.appendChild(result);

// Browsers do not know the type of every photo: HEIC and the like come without one, and the field would drop them
// without a word. They get one by their ending here; the server looks into the file itself.
const place = element.closest("#sw-photo-place");
const MORE = ",.heic,.heif,.avif,.jxl,.tif,.tiff,.jp2,.psd,.qoi,.dds";

const typed = (files) => {
  const all = new DataTransfer();
  for (const file of files) {
    const ending = file.name.split(".").pop().toLowerCase();
    all.items.add(file.type ? file : new File([file], file.name, { type: `image/${ending}` }));
  }
  return all.files;
};

const untyped = (files) => Array.from(files ?? []).some((file) => !file.type);

const give = (input, files, event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  input.files = typed(files);
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

place.addEventListener("drop", (event) => {
  const input = place.querySelector("input[type=file]");
  if (input && untyped(event.dataTransfer?.files)) give(input, event.dataTransfer.files, event);
}, true);

place.addEventListener("change", (event) => {
  if (event.target.type === "file" && untyped(event.target.files)) give(event.target, event.target.files, event);
}, true);

// The list of files that opens on a click offers them, too.
place.addEventListener("click", () => {
  for (const input of place.querySelectorAll("input[type=file]")) {
    if (!input.accept.includes(MORE)) input.accept += MORE;
  }
}, true);

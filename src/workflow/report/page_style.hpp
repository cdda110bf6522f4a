#pragma once

namespace tessera {

/// The page's looks: light and dark, on a screen of any width and on paper.
extern const char* const page_style;

/// What needs a program in the page: a slider in the place of the row of slices. It holds no sign that XML would mind.
extern const char* const page_script;

}  // namespace tessera

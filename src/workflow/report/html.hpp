#pragma once

#include <string>
#include <string_view>

namespace tessera {

/// A text from anywhere as it may stand in a page, between tags or in an attribute: no sign of it can be taken for
/// markup; control bytes and what is no UTF-8 become U+FFFD.
std::string html_text(std::string_view text);

/// RFC 4648.
std::string base64(std::string_view bytes);

/// "<h2 id="time">Time</h2>" and what follows in a section of that name.
std::string html_section(const std::string& id, const std::string& title, const std::string& content);

/// A picture that is part of the page, with its caption; both texts are escaped here.
std::string html_picture(std::string_view png, const std::string& alternative, const std::string& caption);

/// Pictures beside each other where there is room; empty without any.
std::string html_pictures(const std::string& pictures);

/// What can be opened, with more than most want to see.
std::string html_details(const std::string& summary, const std::string& content);

}  // namespace tessera

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// At most `most` bytes of a file from `offset` on; fewer where it ends. InputError where it cannot be read.
std::string read_bytes(const std::string& file, Index offset, Index most);

/// The whole of a text file of metadata, at most 16 MiB. InputError where it is larger.
std::string read_metadata_text(const std::string& file);

/// One element of an XML file: its path without the root, "iom_measurements/high_voltage", its attributes, those of the
/// element around it, and its text.
struct XmlElement {
  std::string path;
  std::map<std::string, std::string> attributes = {}, outer_attributes = {};
  std::string text = {};
};

/// An XML file of metadata as a list of its elements, in the order of their ends. InputError where it is no XML, more
/// than 64 deep, or has more than 100,000 elements. `file` is for messages.
std::vector<XmlElement> xml_elements(const std::string& text, const std::string& file);

/// A text without the blanks around it.
std::string trimmed(const std::string& text);

/// The number that a text is, blanks around it left out; nothing where it is none or not finite.
std::optional<double> as_number(const std::string& text);

}  // namespace tessera

#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/h5.hpp"

namespace tessera {

// Small things of a file that one rank writes with the default driver. Text attributes have variable length, because
// emdfile compares them with Python strings; text datasets have fixed length, because variable ones cannot be written
// while a file is open in parallel.

void write_text_attribute(hid_t object, const std::string& name, const std::string& text);
void write_text_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts);
void write_integer_attribute(hid_t object, const std::string& name, Index value);
/// One number becomes a scalar, several a list.
void write_number_attribute(hid_t object, const std::string& name, std::span<const double> values);

H5Id create_group(hid_t parent, const std::string& name);
/// A scalar text of fixed length.
H5Id write_text_dataset(hid_t parent, const std::string& name, const std::string& text);
/// The same of variable length, as NeXus' validators want times: before a file is open in parallel.
H5Id write_variable_text_dataset(hid_t parent, const std::string& name, const std::string& text);
/// A scalar number that counts.
void write_count_dataset(hid_t parent, const std::string& name, unsigned value);
/// A scalar boolean, as h5py writes it.
void write_boolean_dataset(hid_t parent, const std::string& name, bool value);
/// Numbers of one axis; a scalar when `scalar`.
H5Id write_number_dataset(hid_t parent, const std::string& name, std::span<const double> values, bool scalar = false);
/// An array without values yet: contiguous, allocated now, never filled; makes the groups on its way.
H5Id create_empty_dataset(hid_t parent, const std::string& name, StoredType type, std::span<const Index> shape);
/// A list of no numbers, to which some are added later; in chunks of 1 MiB.
H5Id create_growing_dataset(hid_t parent, const std::string& name, StoredType type);

}  // namespace tessera

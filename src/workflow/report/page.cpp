#include "src/workflow/report/page.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "src/base/clock.hpp"
#include "src/base/error.hpp"
#include "src/base/version.hpp"
#include "src/workflow/report/html.hpp"
#include "src/workflow/report/page_parts.hpp"
#include "src/workflow/report/page_style.hpp"

namespace tessera {

namespace {

/// What is wrong with the result is part of the report.
std::optional<ResultSummary> summary_of(const RunFiles& files, bool with_slices, std::string& trouble) {
  if (files.result.empty()) return std::nullopt;
  try {
    return summarise_result(files.result, with_slices && files.pictures.contains("phase"));
  } catch (const Error& error) {
    trouble = error.what();
    return std::nullopt;
  }
}

}  // namespace

std::string report_page(const RunFiles& files, std::optional<int> refresh_s) {
  std::string trouble;
  const std::optional<ResultSummary> result = summary_of(files, !refresh_s, trouble);
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n";
  if (refresh_s) page += fmt::format("<meta http-equiv=\"refresh\" content=\"{}\"/>\n", *refresh_s);
  page += fmt::format("<title>{}: {}</title>\n<style>{}</style>\n</head>\n<body>\n",
                      html_text(std::filesystem::path(files.directory).filename().string()), state_name(files.state),
                      page_style);
  page += page_header(files, result) + page_notes(files);
  if (!trouble.empty()) page += "<div class=\"note error\"><p>" + html_text(trouble) + "</p></div>\n";
  // While a run goes on, its curve is what one waits for.
  const std::string pictures = page_pictures(files, result), convergence = page_convergence(files);
  page += has_ended(files.state) ? pictures + convergence : convergence + pictures;
  using Part = std::string(const RunFiles&);
  constexpr std::array<Part*, 7> parts{page_residuals, page_unknowns,   page_found, page_sampling,
                                       page_time,      page_provenance, page_files};
  for (Part* const part : parts) page += part(files);
  page += fmt::format("<footer>written by tessera {} ({}) on {} from the files of {}</footer>\n", version, revision,
                      utc_now(), html_text(files.directory));
  return page + "<script>" + page_script + "</script>\n</body>\n</html>\n";
}

}  // namespace tessera

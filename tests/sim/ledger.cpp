#include "sim/ledger.h"

namespace tidesync::sim {

void Ledger::committed(const std::set<std::string>& before, const std::set<std::string>& after) {
  for (const std::string& token : before) {
    if (after.count(token) == 0) superseded_.insert(token);
  }
  for (const std::string& token : after) {
    if (before.count(token) == 0) written_.insert(token);
  }
}

std::set<std::string> Ledger::expected() const {
  std::set<std::string> tokens;
  for (const std::string& token : written_) {
    if (superseded_.count(token) == 0 && destroyed_.count(token) == 0) tokens.insert(token);
  }
  return tokens;
}

void collect_tokens(std::string_view text, std::set<std::string>& tokens) {
  for (std::size_t at = text.find("tok"); at != std::string_view::npos; at = text.find("tok", at)) {
    std::size_t end = at + 3;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end > at + 3) tokens.insert(std::string(text.substr(at, end - at)));
    at = end;
  }
}

}  // namespace tidesync::sim

#pragma once

namespace dbtool {

/// Function objects gathered into one, for std::visit.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace dbtool

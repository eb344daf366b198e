#pragma once

namespace dbtool {

/// Function objects gathered into one, for std::visit.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
// Compilers before clang 17 do not deduce it by themselves.
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace dbtool

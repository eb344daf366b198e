#pragma once

#include <set>
#include <string>
#include <string_view>

#include "catalog/columns.h"
#include "model/object.h"

namespace dbtool::catalog {

/// How the types of a full catalog are spelled for a session that searches schema public.
class PublicTypes {
 public:
  /// `hidden`: names of types of schema public that another one of pg_catalog hides, and that are printed
  /// with their schema all the same. `user_prefix` is that of the service users in the full catalog.
  PublicTypes(std::set<std::string, std::less<>> hidden, const std::string& user_prefix)
      : hidden_(std::move(hidden)), user_prefix_(user_prefix) {}

  std::string spelled(std::string_view type) const;

 private:
  std::set<std::string, std::less<>> hidden_;
  std::string user_prefix_;
};

/// The columns of a full catalog (catalog/full.h) that stand in one of these tables of schema public; they
/// look at its texts.
Columns columns_of_full(const Catalog& full, const std::set<std::string, std::less<>>& tables,
                        const PublicTypes& types);

}  // namespace dbtool::catalog

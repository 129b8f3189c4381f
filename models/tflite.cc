// SPDX-License-Identifier: Apache-2.0
#include "models/tflite.h"

#include "base/file.h"
#include "models/tflite_file.h"
#include "models/tflite_graph.h"

namespace systole {

Network ReadTflite(const std::filesystem::path& path) {
  return ParseTfliteNetwork(ReadFile(path), path.filename().string());
}

Network ParseTfliteNetwork(std::string_view bytes, const std::string& origin) {
  const models::TfliteModel model = models::ParseTflite(bytes, origin);
  return models::TfliteGraph(model, origin).Convert();
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "tb/model_build.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "tb/subprocess.h"

namespace systole {
namespace fs = std::filesystem;
namespace {

using Words = std::vector<std::string>;

void Append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

/// Identity of a tool without starting it: a new version is a new file.
std::string Identity(const fs::path& program) {
  struct stat status = {};
  stat(program.c_str(), &status);
  return fmt::format("{} {} {}.{}", program.string(), status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

/// Compiled with -march=native, a library runs only on a processor with the same instructions.
std::string Processor() {
  std::ifstream in("/proc/cpuinfo");
  std::string line, text;
  for (int found = 0; found < 2 && std::getline(in, line);) {
    if (line.starts_with("model name") || line.starts_with("flags")) {
      text += line + "\n";
      ++found;
    }
  }
  return text;
}

Words VerilatorFlags(const ModelRecipe& recipe) {
  Words flags = {"--cc", "--prefix", "V" + recipe.source.kind, "--top-module", recipe.source.top};
  flags.push_back("-O3");
  if (recipe.source.flatten) flags.push_back("--flatten");
  // Loops of processes stay loops: that builds in half the time. Generate loops are counted, too,
  // and those of 256 rows or 1024 entries have to pass.
  Append(flags, {"--unroll-count", "64", "--unroll-stmts", "10"});
  Append(flags, {"-Wno-lint", "-Wno-style", "-Wno-fatal"});  // tests/systolic lints
  if (recipe.assertions) {
    // Registers without reset start with noise: nothing may depend on them.
    Append(flags,
           {"--assert", "-DSYSTOLE_ASSERT", "--x-assign", "unique", "--x-initial", "unique"});
  } else {
    Append(flags, {"--no-assert", "--x-assign", "fast", "--x-initial", "fast"});
  }
  if (recipe.trace) flags.push_back("--trace-fst");
  return flags;
}

Words CompilerFlags() {
  return {"-std=c++20", "-O2", "-march=native", "-fPIC", "-fvisibility=hidden", "-w"};
}

Words LinkFlags(bool trace) {
  Words flags = {"-shared", "-Wl,-Bsymbolic", "-Wl,-z,defs", "-lpthread", "-latomic"};
  if (trace) flags.push_back("-lz");
  return flags;
}

Words RuntimeFlags() {
  return {"-DVL_USER_FINISH", "-DVL_USER_STOP", "-DVL_USER_FATAL", "-include",
          "tb/harness/print.h"};
}

Words RuntimeSources(bool trace) {
  Words sources = {"verilated", "verilated_threads"};
  if (trace) sources.push_back("verilated_fst_c");
  return sources;
}

Words ModelDefines(const ModelRecipe& recipe) {
  Words flags = {recipe.trace ? "-DSYSTOLE_TRACE=1" : "-DSYSTOLE_TRACE=0",
                 recipe.assertions ? "-DSYSTOLE_CHECKED=1" : "-DSYSTOLE_CHECKED=0"};
  for (const std::string& define : recipe.source.defines) flags.push_back("-D" + define);
  return flags;
}

std::string Hash(const Words& parts) {
  std::string text;
  for (const std::string& part : parts) text += fmt::format("{}:{};", part.size(), part);
  return ContentHash(text);
}

/// Verilator's own folder, where its runtime and headers lie.
fs::path VerilatorRoot(const ModelRecipe& recipe, const fs::path& folder) {
  const fs::path out = folder / "root.txt";
  if (!WaitProcess(StartProcess({recipe.verilator, "--getenv", "VERILATOR_ROOT"}, folder, out))) {
    throw RunError(fmt::format("{} --getenv VERILATOR_ROOT failed", recipe.verilator.string()));
  }
  std::string root = ReadFile(out);
  root.erase(root.find_last_not_of(" \n") + 1);
  return root;
}

/// Generated files include each other's headers only: all fast ones are compiled as one text with
/// the harness, all slow ones (constructors) as another. The harness is told whether all modules
/// became one class, the root, which then holds the whole state.
void WriteUnits(const ModelSource& source, const fs::path& folder) {
  std::vector<std::string> names;
  bool one_class = true;
  for (const auto& entry : fs::directory_iterator(folder / "model")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".cpp") names.push_back(name);
    if (entry.path().extension() != ".h") continue;
    const std::string_view part = std::string_view(name).substr(1 + source.kind.size());
    one_class &= part == ".h" || part == "__Syms.h" || part == "__Dpi.h" || part == "___024root.h";
  }
  std::sort(names.begin(), names.end());
  std::string fast = fmt::format("#define SYSTOLE_ONE_CLASS {}\n", one_class ? 1 : 0), slow;
  for (const std::string& name : names) {
    const bool is_slow =
        name.find("Slow") != std::string::npos || name.find("__Syms") != std::string::npos;
    (is_slow ? slow : fast) += fmt::format("#include \"model/{}\"\n", name);
  }
  WriteFile(folder / "fast.cc", fast + fmt::format("#include \"{}\"\n", source.main));
  WriteFile(folder / "slow.cc", slow);
}

/// Starts all commands, waits for all.
void RunAll(const std::vector<Words>& commands, const fs::path& folder, const fs::path& log,
            const char* what) {
  std::vector<pid_t> processes;
  for (const Words& command : commands) processes.push_back(StartProcess(command, folder, log));
  bool good = true;
  for (const pid_t process : processes) good &= WaitProcess(process);
  if (!good) throw RunError(fmt::format("{} failed", what));
}

/// Compiles the sources of the runtime that are not in `runtime` yet.
void AddRuntimeCommands(const ModelRecipe& recipe, const fs::path& root, const fs::path& runtime,
                        std::vector<Words>& commands) {
  for (const std::string& name : RuntimeSources(recipe.trace)) {
    if (fs::exists(runtime / (name + ".o"))) continue;
    Words command = {recipe.compiler};
    Append(command, CompilerFlags());
    Append(command, RuntimeFlags());
    Append(command,
           {"-I.", "-I" + root.string() + "/include", "-I" + root.string() + "/include/vltstd",
            "-c", (root / "include" / (name + ".cpp")).string(), "-o", name + ".o"});
    commands.push_back(std::move(command));
  }
}

}  // namespace

std::vector<rtl::File> HarnessFiles(
    const std::vector<std::pair<std::string_view, std::string_view>>& sources,
    const std::string& folder) {
  std::vector<rtl::File> files;
  for (const auto& [name, text] : sources) {
    const bool has_folder = name.find('/') != std::string_view::npos;
    files.push_back({(has_folder ? "" : folder + "/") + std::string(name), std::string(text)});
  }
  return files;
}

ModelRecipe MakeRecipe(ModelSource source, bool assertions, bool trace) {
  ModelRecipe recipe{.source = std::move(source),
                     .assertions = assertions,
                     .trace = trace,
                     .verilator = {},
                     .compiler = {},
                     .tools = {},
                     .key = {},
                     .runtime_key = {}};
  const auto verilator = FindProgram("verilator");
  if (!verilator) {
    throw RunError(
        fmt::format("verilator was not found, which simulates the {}\n"
                    "  fix: apt-get install verilator",
                    recipe.source.kind));
  }
  auto compiler = FindProgram("clang++");  // models run faster with it
  if (!compiler) compiler = FindProgram("g++");
  if (!compiler) {
    throw RunError(
        "no C++ compiler was found, which compiles the simulation\n  fix: apt-get install clang");
  }
  recipe.verilator = *verilator;
  recipe.compiler = *compiler;
  recipe.tools = Identity(*verilator) + "\n" + Identity(*compiler) + "\n" + Processor();
  if (const auto binary = FindProgram("verilator_bin")) recipe.tools += Identity(*binary);

  Words parts = {recipe.tools};
  Append(parts, CompilerFlags());
  Append(parts, RuntimeFlags());
  recipe.runtime_key = Hash(parts);
  Append(parts, VerilatorFlags(recipe));
  Append(parts, LinkFlags(recipe.trace));
  Append(parts, ModelDefines(recipe));
  for (const auto* files : {&recipe.source.verilog, &recipe.source.harness}) {
    for (const rtl::File& file : *files) Append(parts, {file.name, file.text});
  }
  recipe.key = Hash(parts);
  return recipe;
}

void BuildModel(const ModelRecipe& recipe, const fs::path& folder, const fs::path& runtime,
                const fs::path& log) {
  for (const rtl::File& file : recipe.source.harness) WriteFile(folder / file.name, file.text);
  Words verilate = {recipe.verilator};
  Append(verilate, VerilatorFlags(recipe));
  Append(verilate, {"--Mdir", "model"});
  for (const rtl::File& file : recipe.source.verilog) {
    WriteFile(folder / file.name, file.text);
    verilate.push_back(file.name);
  }
  RunAll({verilate}, folder, log, "verilator");
  WriteUnits(recipe.source, folder);

  const fs::path root = VerilatorRoot(recipe, folder);
  std::vector<Words> commands;
  for (const char* unit : {"fast", "slow"}) {
    Words command = {recipe.compiler};
    Append(command, CompilerFlags());
    Append(command, ModelDefines(recipe));
    Append(command, {"-I.", "-Imodel", "-I" + root.string() + "/include",
                     "-I" + root.string() + "/include/vltstd", "-c", std::string(unit) + ".cc",
                     "-o", std::string(unit) + ".o"});
    commands.push_back(std::move(command));
  }
  AddRuntimeCommands(recipe, root, runtime, commands);
  RunAll(commands, folder, log, "the C++ compiler");

  Words link = {recipe.compiler, "-o", "model.so", "fast.o", "slow.o"};
  fs::create_directories(runtime);
  for (const std::string& name : RuntimeSources(recipe.trace)) {
    const fs::path object = runtime / (name + ".o");
    if (fs::exists(folder / (name + ".o"))) fs::rename(folder / (name + ".o"), object);
    link.push_back(object);
  }
  Append(link, LinkFlags(recipe.trace));
  RunAll({link}, folder, log, "the linker");
}

std::string ToolVersions(const ModelRecipe& recipe, const fs::path& folder) {
  const fs::path out = folder / "versions.txt";
  std::string versions;
  for (const fs::path& tool : {recipe.verilator, recipe.compiler}) {
    fs::remove(out);
    WaitProcess(StartProcess({tool, "--version"}, folder, out));
    const std::string text = ReadFile(out);
    if (!versions.empty()) versions += ", ";
    versions += text.substr(0, text.find('\n'));
  }
  return versions;
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kRequest = R"v(
  localparam integer LineW     = 8*LineBytes;
  localparam integer LineWords = LineBytes/8;
  localparam integer LineAddrW = AddrW - $clog2(LineBytes);
  localparam integer IndexW    = $clog2(Sets);
  localparam integer TagW      = LineAddrW - IndexW;
  localparam integer WordW     = $clog2(LineWords);
  localparam integer CountW    = $clog2(LineWords + 2);

  localparam [3:0] Init    = 4'd0;
  localparam [3:0] Idle    = 4'd1;
  localparam [3:0] Lookup  = 4'd2;
  localparam [3:0] Request = 4'd3;
  localparam [3:0] Wait    = 4'd4;
  localparam [3:0] Decide  = 4'd5;
  localparam [3:0] Fill    = 4'd6;
  ${split_state}
  ${zap_state}

  reg [3:0] state_q;
  wire      in_init    = state_q == Init;
  wire      in_idle    = state_q == Idle;
  wire      in_lookup  = state_q == Lookup;
  wire      in_request = state_q == Request;
  wire      in_wait    = state_q == Wait;
  wire      in_decide  = state_q == Decide;
  wire      in_fill    = state_q == Fill;
  ${in_split}
  ${in_zap}

  // The request in hand.
  reg                  write_q;
  reg  [LineAddrW-1:0] line_q;   // its line
  reg  [WordW-1:0]     word_q;   // its word of the line
  reg  [7:0]           be_q;
  reg  [63:0]          wdata_q;
  wire [IndexW-1:0]    index   = line_q[IndexW-1:0];
  wire [TagW-1:0]      tag     = line_q[LineAddrW-1:IndexW];
  wire [63:0]          be_bits = {{8{be_q[7]}}, {8{be_q[6]}}, {8{be_q[5]}}, {8{be_q[4]}},
                                  {8{be_q[3]}}, {8{be_q[2]}}, {8{be_q[1]}}, {8{be_q[0]}}};
  ${nonzero_store}
  wire                 take    = req_valid_i & req_ready_o;
  wire                 unused_low_bits = &{1'b0, req_addr_i[2:0]};

  always @(posedge clk_i) begin
    if (take) begin
      write_q <= req_write_i;
      line_q  <= req_addr_i[AddrW-1:AddrW-LineAddrW];
      word_q  <= req_addr_i[3 +: WordW];
      be_q    <= req_be_i;
      wdata_q <= req_wdata_i;
    end
  end
)v";

constexpr const char* kArrays = R"v(
  // Tags {valid, tag} and data: a memory each for every way. A request that is taken reads all.
  reg                      got_q;        // the line register is loaded
  reg  [CountW-1:0]        count_q;      // cycles of the state, Wait and Fill
  reg  [IndexW-1:0]        init_q;       // the set that Init clears
  reg  [LineW-1:0]         data_q;       // line register
  reg                      wb_valid_q;   // write buffer
  reg  [LineAddrW-1:0]     wb_line_q;
  reg  [LineW-1:0]         wb_data_q;
  reg  [Ways-1:0]          victim_q;     // one-hot; in Zap the way that is hit
  reg  [TagW-1:0]          victim_tag_q;
  reg                      victim_dirty_q;
  wire [WordW-1:0]         count   = count_q[WordW-1:0];
  wire                     install;      // Decide: the line goes to the victim's place
  wire                     store_hit;
  ${zap_done_wire}
  wire                     read_victim = in_wait & victim_dirty_q &
                                         (count_q < LineWords[CountW-1:0]);
  wire                     tag_write = in_init | install${zap_done};
  wire [IndexW-1:0]        tag_index = in_init ? init_q : tag_write ? index :
                                       req_addr_i[$clog2(LineBytes) +: IndexW];
  wire [TagW:0]            tag_wdata = {install, tag};
  wire                     data_write = store_hit | in_fill;
  wire [IndexW+WordW-1:0]  data_word = store_hit ? {index, word_q} :
                                       (in_fill | in_wait) ? {index, count} :
                                       req_addr_i[3 +: IndexW+WordW];
  wire [63:0]              data_wdata = in_fill ? data_q[63:0] : wdata_q;
  wire [63:0]              data_mask  = in_fill ? {64{1'b1}} : be_bits;
  wire [Ways-1:0]          hit;          // meant in Lookup
  wire [Ways-1:0]          valid;
  wire [Ways*(TagW+1)-1:0] tags;
  wire [Ways*64-1:0]       words;
  genvar                   i;

  generate
    for (i = 0; i < Ways; i = i + 1) begin : g_way
      wire tag_en  = take | in_init | (tag_write & victim_q[i]);
      wire data_en = take | (store_hit & hit[i]) | ((in_fill | read_victim) & victim_q[i]);

      ${tag_ram}

      ${data_ram}

      assign hit[i]   = tags[i*(TagW+1) +: TagW+1] == {1'b1, tag};
      assign valid[i] = tags[i*(TagW+1) + TagW];
    end
  endgenerate

  wire l1_hit = in_lookup & |hit;
)v";

constexpr const char* kVictim = R"v(
  // Dirty bits and replacement.
  wire [Ways-1:0] dirty;
  wire [Ways-1:0] way = in_decide ? victim_q : hit;  // touched
  ${order_wires}

  ${dirty_file}

  ${order_file}

  ${way_replacement}

  // The lowest invalid way, or the replacement's.
  wire [Ways-1:0] invalid = ~valid & (valid + 1'b1);
  wire [Ways-1:0] victim  = |invalid ? invalid : ${policy_victim};
  reg  [TagW-1:0] victim_tag;
  reg  [63:0]     hit_word;
  reg  [63:0]     victim_word;
  integer         w;

  always @* begin
    victim_tag  = {TagW{1'b0}};
    hit_word    = 64'd0;
    victim_word = 64'd0;
    for (w = 0; w < Ways; w = w + 1) begin
      victim_tag  = victim_tag | ({TagW{victim[w]}} & tags[w*(TagW+1) +: TagW]);
      hit_word    = hit_word | ({64{hit[w]}} & words[w*64 +: 64]);
      victim_word = victim_word | ({64{victim_q[w]}} & words[w*64 +: 64]);
    end
  end
)v";

constexpr const char* kNull = R"v(
  // The null cache covers the line; a store of zeros to it changes nothing.
  wire                 enable;
  wire                 empty;
  wire                 covered;
  wire                 left;
  wire                 zero;  // what the detector says
  reg                  fetch_q;
  wire                 null_hit   = covered & ~stores;
  wire                 leave      = covered & stores;
  wire                 found_zero = in_decide & fetch_q & enable & zero & ~stores;
  ${evicted}
  wire                 insert      = ${insert};
  wire [LineAddrW-1:0] insert_line = ${insert_line};
  ${approximation}
  ${events}

  ${null_cache}

  ${zero_detector}
)v";

constexpr const char* kZeroAtStore = R"v(
  // A bit for each word: it is not zero. A store that makes its line zero sends it to Zap.
  wire [Ways*LineWords-1:0] nonzero;
  reg  [Ways*LineWords-1:0] nonzero_next;
  reg  [LineWords-1:0]      nonzero_line;  // of the line in hand: as it will be
  reg  [LineWords-1:0]      nonzero_hit;   // of the line that is hit: as it is
  wire                      nonzero_word = |((hit_word & ~be_bits) | (wdata_q & be_bits));

  always @* begin
    nonzero_hit = {LineWords{1'b0}};
    for (w = 0; w < Ways; w = w + 1) begin
      nonzero_hit = nonzero_hit | ({LineWords{hit[w]}} & nonzero[w*LineWords +: LineWords]);
    end
    for (w = 0; w < LineWords; w = w + 1) begin
      nonzero_line[w] = in_decide ? |data_q[w*64 +: 64] : nonzero_hit[w];
    end
    if (in_decide) begin
      if (write_q) begin
        nonzero_line[word_q] = |((data_q[{word_q, 6'd0} +: 64] & ~be_bits) | (wdata_q & be_bits));
      end
    end else begin
      nonzero_line[word_q] = nonzero_word;
    end
    nonzero_next = nonzero;
    for (w = 0; w < Ways; w = w + 1) begin
      if (way[w]) nonzero_next[w*LineWords +: LineWords] = nonzero_line;
    end
  end

  ${nonzero_file}

  wire   zap      = store_hit & enable & ~|nonzero_line;
  assign zap_done = in_zap & ~wb_valid_q;
)v";

constexpr const char* kControl = R"v(
  // The controller.
  localparam integer LastWord = LineWords - 1;

  reg  [3:0] state;
  ${fetch_reg}
  wire       line_here   = got_q | mem_resp_valid_i;
  wire       victim_here = ~victim_dirty_q | (count_q >= LineWords[CountW-1:0]);
  wire       load_hit    = l1_hit & ~write_q;
  wire       reg_write   = reg_valid_i & reg_write_i;

  assign store_hit   = l1_hit & write_q;
  assign install     = in_decide${unless_zero};
  assign req_ready_o = (in_idle | load_hit${or_null_hit}) & ~reg_write;
  assign reg_ready_o = in_idle | ~reg_write_i;

  always @* begin
    state = state_q;
    case (state_q)
      Init:    if (&init_q) state = Idle;
      Idle:    if (take) state = Lookup;
      Lookup: begin
        if (take)        state = Lookup;
        ${lookup_zap}
        else if (l1_hit${or_null_hit}) state = Idle;
        ${lookup_split}
        else             state = Request;
      end
      ${split_next}
      Request: if (~wb_valid_q & (mem_req_ready_i | ~fetch_q)) state = Wait;
      Wait:    if (line_here & victim_here) state = Decide;
      Decide:  state = install ? Fill : Idle;
      ${zap_next}
      default: if (count_q == LastWord[CountW-1:0]) state = Idle;
    endcase
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= Init;
      init_q     <= {IndexW{1'b0}};
      wb_valid_q <= 1'b0;
    end else begin
      state_q <= state;
      if (in_init) init_q <= init_q + 1'b1;
      if (wb_valid_q)                            wb_valid_q <= ~mem_req_ready_i;
      else if ((install & victim_dirty_q)${zap_done}) wb_valid_q <= 1'b1;
    end
  end

  always @(posedge clk_i) begin
    if (in_lookup) begin
      victim_q       <= ${victim_way};
      victim_tag_q   <= victim_tag;
      victim_dirty_q <= |(victim & valid & dirty);
      fetch_q        <= ${fetch};
    end
    if (in_request) begin
      got_q <= ~fetch_q;
      if (~fetch_q) data_q <= {LineW{1'b0}};
    end else if (in_wait) begin
      got_q <= line_here;
      if (mem_resp_valid_i & ~got_q) data_q <= mem_resp_rdata_i;
    end else if (in_decide) begin
      if (write_q) begin
        data_q[{word_q, 6'd0} +: 64] <= (data_q[{word_q, 6'd0} +: 64] & ~be_bits) |
                                        (wdata_q & be_bits);
      end
    end else if (in_fill) begin
      data_q <= {64'd0, data_q[LineW-1:64]};
    end

    if (in_fill | (in_wait & (count_q <= LineWords[CountW-1:0]))) count_q <= count_q + 1'b1;
    else if (~in_wait)                                            count_q <= {CountW{1'b0}};

    // The victim's words arrive a cycle after they are addressed.
    if (in_wait & victim_dirty_q & (count_q != {CountW{1'b0}}) &
        (count_q <= LineWords[CountW-1:0])) begin
      wb_data_q <= {victim_word, wb_data_q[LineW-1:64]};
    end
    if (install) wb_line_q <= {victim_tag_q, index};
    ${zap_data}
  end

  assign resp_valid_o  = (in_lookup & (write_q | l1_hit${or_null_hit})) | (in_decide & ~write_q);
  assign resp_rdata_o  = in_decide ? ${line_word} : hit_word;
  assign resp_source_o = ${source};

  assign mem_req_valid_o  = wb_valid_q | (in_request & fetch_q);
  assign mem_req_write_o  = wb_valid_q;
  assign mem_req_line_o   = wb_valid_q ? wb_line_q : line_q;
  assign mem_req_wdata_o  = wb_data_q;
  assign mem_resp_ready_o = in_wait & ~got_q;
  ${stall}
)v";

constexpr const char* kRegisters = R"v(
  ${registers}
)v";

constexpr const char* kNoRegisters = R"v(
  // This configuration has no register that holds anything.
  wire   unused_registers = &{1'b0, reg_addr_i, reg_wdata_i};
  assign reg_rdata_o = 64'd0;
)v";

void SetStates(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool null = config.null_cache, zap = ZeroAtStore(config);
  const auto set = [&](const char* name, bool there, const char* text) {
    m.Set(name, there ? text : "");
  };
  set("split_state", null, "localparam [3:0] Split   = 4'd7;");
  set("in_split", null, "wire      in_split   = state_q == Split;");
  set("split_next", null, "Split:   if (left) state = Request;");
  set("lookup_split", null, "else if (leave)  state = Split;");
  set("zap_state", zap, "localparam [3:0] Zap     = 4'd8;");
  set("in_zap", zap, "wire      in_zap     = state_q == Zap;");
  set("zap_next", zap, "Zap:     if (zap_done) state = Idle;");
  set("lookup_zap", zap, "else if (zap)    state = Zap;");
  set("zap_done_wire", zap, "wire                     zap_done;");
  set("zap_done", zap, " | zap_done");
  set("zap_data", zap, R"v(
    if (zap_done) begin
      wb_line_q <= line_q;
      wb_data_q <= {LineW{1'b0}};
    end
  )v");
  set("or_null_hit", null, " | null_hit");
  set("unless_zero", null, " & ~found_zero");
  set("nonzero_store", null,
      "wire                 stores  = write_q & |(wdata_q & be_bits);  // something not zero");
  set("stall", config.counter_width > 0, R"v(
    wire stall = (req_valid_i & ~req_ready_o) |
                 (~write_q & ((in_lookup & ~resp_valid_o) | in_request | in_wait));
  )v");
  m.Set("fetch", null ? "~leave" : "1'b1");
  set("fetch_reg", !null, "reg        fetch_q;  // the line is read from memory");
  m.Set("line_word", Approximates(config) ? "data_q[{word_q, 6'd0} +: 64] & {64{~found_zero}}"
                                          : "data_q[{word_q, 6'd0} +: 64]");
  m.Set("victim_way", zap ? "l1_hit ? hit : victim" : "victim");
  m.Set("source", null ? "{~(l1_hit | null_hit), null_hit | found_zero}" : "{~l1_hit, 1'b0}");
}

void SetArrays(rtl::ModuleBuilder& m) {
  m.Set("tag_ram", rtl::Use(Prim("cache_ram"), "u_tags",
                            {{"en_i", "tag_en"},
                             {"write_i", "tag_write"},
                             {"addr_i", "tag_index"},
                             {"mask_i", "{(TagW+1){1'b1}}"},
                             {"wdata_i", "tag_wdata"},
                             {"rdata_o", "tags[i*(TagW+1) +: TagW+1]"}},
                            {{"Depth", "Sets"}, {"Width", "TagW + 1"}}));
  m.Set("data_ram", rtl::Use(Prim("cache_ram"), "u_data",
                             {{"en_i", "data_en"},
                              {"write_i", "data_write"},
                              {"addr_i", "data_word"},
                              {"mask_i", "data_mask"},
                              {"wdata_i", "data_wdata"},
                              {"rdata_o", "words[i*64 +: 64]"}},
                             {{"Depth", "Sets*LineWords"}, {"Width", "64"}}));
}

/// A register file with a word a set; `write`: when beside Init, which writes zeros.
rtl::Instance SetFile(const std::string& name, const std::string& width, const std::string& write,
                      const std::string& wdata, const std::string& rdata) {
  return rtl::Use(
      Prim("register_file"), name,
      {{"write_i", "in_init | " + write},
       {"waddr_i", "in_init ? init_q : index"},
       {"wdata_i", "in_init ? {" +
                       (width.find('*') == std::string::npos ? width : "(" + width + ")") +
                       "{1'b0}} : " + wdata},
       {"raddr_i", "index"},
       {"rdata_o", rdata}},
      {{"Depth", "Sets"}, {"Width", width}});
}

void SetVictim(rtl::ModuleBuilder& m, const CacheConfig& config) {
  m.Set("dirty_file", SetFile("u_dirty", "Ways", "store_hit | install",
                              "(dirty & ~way) | (way & {Ways{write_q}})", "dirty"));
  if (config.ways == 1) {
    for (const char* name : {"order_wires", "order_file", "way_replacement"}) m.Set(name, "");
    m.Set("policy_victim", "{Ways{1'b1}}");
    return;
  }
  const bool lru = config.replacement == CacheReplacement::kLru;
  m.Set("order_wires", std::string("localparam integer OrderW = ") +
                           (lru ? "Ways*(Ways - 1)/2" : "Ways - 1") +
                           ";\n"
                           "wire [OrderW-1:0] order;\n"
                           "wire [OrderW-1:0] order_next;\n"
                           "wire [Ways-1:0]   policy_victim;");
  m.Set("order_file", SetFile("u_order", "OrderW", "l1_hit | install", "order_next", "order"));
  m.Set("way_replacement", rtl::Use(BuildWayReplacement(config), "u_ways",
                                    {{"order_i", "order"},
                                     {"way_i", "way"},
                                     {"order_o", "order_next"},
                                     {"victim_o", "policy_victim"}}));
  m.Set("policy_victim", "policy_victim");
}

void SetNull(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool eviction = ZeroAtEviction(config), zap = ZeroAtStore(config);
  m.Set("evicted", eviction ? R"v(
    wire                 check_evicted = in_fill & victim_dirty_q & (count_q == {CountW{1'b0}});
  )v"
                            : "");
  std::string insert = "found_zero";
  if (eviction) insert += " | (check_evicted & enable & zero)";
  if (zap) insert += " | zap_done";
  m.Set("insert", insert);
  m.Set("insert_line", eviction ? "check_evicted ? wb_line_q : line_q" : "line_q");
  std::string approximation;
  if (Approximates(config)) {
    if (config.counter_width > 0) approximation = "wire                 exact;\n";
    approximation += "wire [1:0]           lanes;\nwire [31:0]          threshold;";
  }
  m.Set("approximation", approximation);
  std::string events;
  if (config.counter_width > 0) {
    events = "wire                 eviction;\nwire                 drop;";
    if (Splits(config)) events += "\nwire                 split;";
    if (HasMerger(config)) events += "\nwire [7:0]           merges;";
  }
  m.Set("events", events);
  m.Set("null_cache", rtl::Use(BuildNullCache(config), "u_null_cache",
                               {{"lookup_i", "in_lookup"},
                                {"line_i", "line_q"},
                                {"stores_i", "stores"},
                                {"free_i", "in_idle | in_request | in_wait"},
                                {"leaving_i", "in_split"}},
                               {{"LineAddrW", "LineAddrW"}}));
  m.Set("zero_detector",
        rtl::Use(BuildZeroDetector(config), "u_detector",
                 {{"detect_i", eviction ? "in_decide | check_evicted" : "in_decide"},
                  {"line_i", eviction ? "check_evicted ? wb_data_q : data_q" : "data_q"}}));
}

rtl::Instance Registers(const CacheConfig& config) {
  const rtl::Module registers = BuildCacheRegisters(config);
  const char* const approximated =
      ZeroAtStore(config) ? "insert & ~zap_done & ~exact" : "insert & ~exact";
  return rtl::Use(registers, "u_registers",
                  {{"write_i", "reg_write & in_idle"},
                   {"addr_i", "reg_addr_i"},
                   {"wdata_i", "reg_wdata_i"},
                   {"rdata_o", "reg_rdata_o"},
                   {"access_i", "resp_valid_o"},
                   {"l1_hit_i", "l1_hit"},
                   {"write_back_i", ZeroAtStore(config) ? "(install & victim_dirty_q) | zap_done"
                                                        : "install & victim_dirty_q"},
                   {"stall_i", "stall"},
                   {"fill_i", "mem_resp_valid_i & mem_resp_ready_o"},
                   {"insertion_i", "insert"},
                   {"approximated_i", approximated},
                   {"covered_i", "leave"}});
}

}  // namespace

rtl::Module BuildCacheTop(const CacheConfig& config) {
  rtl::ModuleBuilder m("data_cache",
                       config.null_cache
                           ? "L1 data cache with a null cache: lines of zeros in a TCAM"
                           : "L1 data cache",
                       "gen/nullcache/cache_top.cc");
  m.Doc(R"(
    Blocking, write-back, write-allocate, 1-cycle hit. docs/null-cache.md has the states, the cycles
    and the registers.
  )");
  AddCacheParams(m, config);
  AddCachePorts(m, config);
  m.Body(kRequest);
  m.Body(kArrays);
  m.Body(kVictim);
  if (config.null_cache) {
    m.Body(kNull);
    SetNull(m, config);
  }
  if (ZeroAtStore(config)) {
    m.Body(kZeroAtStore);
    m.Set("nonzero_file",
          SetFile("u_nonzero", "Ways*LineWords", "store_hit | install", "nonzero_next", "nonzero"));
  }
  m.Body(kControl);
  SetStates(m, config);
  SetArrays(m);
  SetVictim(m, config);
  if (HasRegisters(config)) {
    m.Body(kRegisters);
    m.Set("registers", Registers(config));
  } else {
    m.Body(kNoRegisters);
  }
  return std::move(m).Finish();
}

}  // namespace systole

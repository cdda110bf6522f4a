# Sourced by the tests of jobscripts/nextflow and jobscripts/snakemake, after support.sh: samples that are quick, and what a
# workflow leaves.

# find_nextflow: sets `nextflow` and its environment. Ends the script with 77, skipped, where there is none: Debian has no package
# of it, and it is what the test runs.
find_nextflow() {
  nextflow=${TESSERA_NEXTFLOW:-$(type -P nextflow || true)} # none on the PATH is no error yet: it is said below
  if [[ -z $nextflow ]]; then
    echo "skipped: no Nextflow; put one on the PATH or name it in TESSERA_NEXTFLOW"
    exit 77
  fi
  if [[ -z ${NXF_JAVA_HOME:-}${JAVA_HOME:-} ]] && ! type -P java >/dev/null; then
    echo "skipped: no Java, which Nextflow runs on"
    exit 77
  fi
  export NXF_ANSI_LOG=false NXF_HOME=$work/.nextflow_home NXF_OFFLINE=true
}

# workflow_inputs: data.h5, run.yaml of 64 of its patterns, a reference, samples.csv with two samples and variants.csv with two of their parameters.
workflow_inputs() {
  cp "$source_dir/tests/data/mos2_bilayer.h5" data.h5
  bilayer_run data.h5 | sed 's|^data: {|&subset: {ry: [0, 8], rx: [0, 8]}, |' >run.yaml
  "$program" reconstruct run.yaml --quiet --set solve.iterations=4 --set output.directory=truth >log 2>&1 || fail "$(<log)"
  cat >samples.csv <<'END'
sample,config,data,reference,extra,set
one,run.yaml,data.h5,,,
two,run.yaml,data.h5,truth/result.emd,,beam.modes=2; solve.history=4
END
  cat >variants.csv <<'END'
variant,set
plain,
tv,"regularisers=[{kind: tv, of: phase, weight: 0.0025}]"
END
}

# workflow_tree FOLDER: every step of every sample and variant is there, with its picture, and of its own parameters.
workflow_tree() {
  local sample variant folder
  for sample in one two; do
    for variant in plain tv; do
      folder=$1/$sample/$variant
      for file in reconstruct/{result.emd,phase.png,loss.png} resolution/{resolution.json,frc.png}; do
        [[ -s $folder/$file ]] || fail "$folder/$file is not there"
      done
      grep -q "<h1>$sample.$variant</h1>" "$folder/report.html" || fail "$folder/report.html is another page"
      grep -q 'id="resolution"' "$folder/report.html" || fail "the report of $folder has no resolution"
      expect "$folder/reconstruct/status.json" 'm["complete"] and m["exit_code"] == 0'
      if [[ $sample == two ]]; then expect "$folder/compare.json" '"correlation" in m'; fi
      grep -q "kind: tv" "$folder/reconstruct/resolved.yaml" && found=tv || found=plain
      [[ $found == "$variant" ]] || fail "$folder has the parameters of $found"
      grep -q "modes: 2 " "$folder/reconstruct/resolved.yaml" && found=two || found=one
      [[ $found == "$sample" ]] || fail "$folder has the parameters of sample $found"
    done
  done
  [[ ! -e $1/one/plain/compare.json ]] || fail "sample one has no reference, and was compared"
}
